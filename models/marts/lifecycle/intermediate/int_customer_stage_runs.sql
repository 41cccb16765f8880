{#- Stages at month ends and at the as-of date, each with the one before and with the first snapshot
    of the unbroken run it belongs to. -#}
with stages as (

    select * from {{ ref('int_customer_stages') }}
    where is_month_end or is_current

),

compared as (

    select
        stages.*,
        lag(lifecycle_stage) over (partition by customer_id order by snapshot_date)
            as previous_stage,
        lag(last_purchase_date) over (partition by customer_id order by snapshot_date)
            as previous_last_purchase_date
    from stages

),

changes as (

    select
        compared.*,
        coalesce(lifecycle_stage != previous_stage, true) as is_stage_change,
        case
            when previous_stage is null then 'first_seen'
            when lifecycle_stage = previous_stage then null
            when lost_source in ('account_closed', 'cancellation') then 'register'
            when
                previous_last_purchase_date is not null
                and coalesce(last_purchase_date < previous_last_purchase_date, true)
                then 'return'
            when
                previous_last_purchase_date is null
                or last_purchase_date > previous_last_purchase_date
                then 'purchase'
            else 'time'
        end as change_cause
    from compared

)

select
    snapshot_date,
    is_month_end,
    is_current,
    customer_id,
    lifecycle_stage,
    previous_stage,
    is_stage_change,
    change_cause,
    lost_source,
    max(case when is_stage_change then snapshot_date end) over (
        partition by customer_id
        order by snapshot_date
        rows between unbounded preceding and current row
    ) as stage_since,
    last_purchase_date,
    silent_days,
    expected_gap_days,
    rhythm_class,
    declining_after_days,
    dormant_after_days,
    lost_after_days,
    purchase_trend,
    clock_start_date,
    purchases_to_date,
    reactivations,
    trailing_12m_revenue
from changes
