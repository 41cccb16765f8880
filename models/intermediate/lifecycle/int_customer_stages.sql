{#- The state machine. Silence comes first, then a fresh clock, then the trend. -#}
with activity as (

    select * from {{ ref('int_customer_activity') }}

),

customers as (

    select * from {{ ref('int_customers_seen') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

limits as (

    select
        activity.*,
        {{ declining_after_days('expected_gap_days') }} as declining_after_days,
        {{ dormant_after_days('expected_gap_days') }} as dormant_after_days,
        {{ lost_after_days('expected_gap_days') }} as lost_after_days,
        {{ rhythm_class('expected_gap_days') }} as rhythm_class,
        clock_days >= {{ 2 * var('lifecycle_trend_days') | int }} as has_trend,
        round(
            {{ purchase_trend(
                'cast(recent_purchases as double)',
                'cast(earlier_purchases as double)',
                'cast(recent_revenue as double)',
                'cast(earlier_revenue as double)'
            ) }}, 6
        ) as purchase_trend
    from activity

),

staged as (

    select
        limits.*,
        case
            when silent_days >= lost_after_days then 'lost'
            when silent_days >= dormant_after_days then 'dormant'
            when reactivations > 0 and clock_days < {{ var('lifecycle_reactivated_days') }}
                then 'reactivated'
            when reactivations = 0 and clock_days < {{ var('lifecycle_new_days') }} then 'new'
            when silent_days >= declining_after_days then 'declining'
            when not has_trend then 'growing'
            when purchase_trend <= {{ var('lifecycle_declining_trend') }} then 'declining'
            when purchase_trend >= {{ var('lifecycle_growing_trend') }} then 'growing'
            else 'mature'
        end as lifecycle_stage
    from limits

)

select
    snapshots.snapshot_date,
    snapshots.is_month_end,
    snapshots.is_current,
    customers.customer_id,
    coalesce(staged.lifecycle_stage, 'prospect') as lifecycle_stage,
    staged.last_purchase_date,
    staged.silent_days,
    staged.expected_gap_days,
    staged.rhythm_class,
    staged.declining_after_days,
    staged.dormant_after_days,
    staged.lost_after_days,
    case when staged.has_trend then staged.purchase_trend end as purchase_trend,
    staged.clock_start_date,
    coalesce(staged.purchases_to_date, 0) as purchases_to_date,
    coalesce(staged.reactivations, 0) as reactivations,
    coalesce(staged.trailing_12m_revenue, 0) as trailing_12m_revenue
from snapshots
inner join customers
    on
        snapshots.snapshot_date >= customers.first_seen_date
        or (snapshots.is_current and customers.first_seen_date is null)
left join staged
    on
        snapshots.snapshot_date = staged.snapshot_date
        and customers.customer_id = staged.customer_id
