with stages as (

    select * from {{ ref('int_customer_stage_runs') }}
    where is_current

),

lifecycle_stages as (

    select * from {{ ref('dim_lifecycle_stages') }}

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    stages.customer_id,
    as_of.as_of_date,
    stages.lifecycle_stage,
    lifecycle_stages.retail_stage,
    lifecycle_stages.loyalty_stage,
    lifecycle_stages.retention_stage,
    lifecycle_stages.channel_stage,
    stages.lost_source,
    stages.stage_since,
    stages.previous_stage,
    stages.last_purchase_date,
    cast({{ dbt.datediff('stages.last_purchase_date', 'as_of.as_of_date', 'day') }} as bigint)
        as days_since_last_purchase,
    cast(stages.expected_gap_days as double) as expected_gap_days,
    stages.rhythm_class,
    cast(stages.declining_after_days as bigint) as declining_after_days,
    cast(stages.dormant_after_days as bigint) as dormant_after_days,
    cast(stages.lost_after_days as bigint) as lost_after_days,
    cast(stages.purchase_trend as double) as purchase_trend,
    stages.clock_start_date,
    cast(stages.purchases_to_date as bigint) as purchases_to_date,
    cast(stages.reactivations as bigint) as reactivations,
    cast(stages.trailing_12m_revenue as decimal(18, 2)) as trailing_12m_revenue
from stages
inner join lifecycle_stages
    on stages.lifecycle_stage = lifecycle_stages.lifecycle_stage
cross join as_of
