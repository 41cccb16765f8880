with runs as (

    select * from {{ ref('int_customer_stage_runs') }}
    where is_month_end

),

lifecycle_stages as (

    select * from {{ ref('dim_lifecycle_stages') }}

)

select
    runs.customer_id,
    runs.snapshot_date as month_end,
    runs.lifecycle_stage,
    lifecycle_stages.retail_stage,
    lifecycle_stages.loyalty_stage,
    lifecycle_stages.retention_stage,
    lifecycle_stages.channel_stage,
    runs.previous_stage,
    runs.is_stage_change,
    runs.change_cause,
    runs.lost_source,
    runs.stage_since,
    runs.last_purchase_date,
    cast(runs.silent_days as bigint) as silent_days,
    cast(runs.expected_gap_days as double) as expected_gap_days,
    runs.rhythm_class,
    cast(runs.purchase_trend as double) as purchase_trend,
    cast(runs.purchases_to_date as bigint) as purchases_to_date,
    cast(runs.reactivations as bigint) as reactivations,
    cast(runs.trailing_12m_revenue as decimal(18, 2)) as trailing_12m_revenue
from runs
inner join lifecycle_stages
    on runs.lifecycle_stage = lifecycle_stages.lifecycle_stage
