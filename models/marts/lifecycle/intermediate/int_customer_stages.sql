{#- The state machine. What a register says comes first, then silence, a fresh clock, the trend. -#}
with activity as (

    select * from {{ ref('int_customer_activity') }}

),

customers as (

    select * from {{ ref('int_customers_seen') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

second_purchases as (

    select * from {{ ref('int_second_purchases') }}

),

origins as (

    select * from {{ ref('int_customer_origins') }}

),

register_calls as (

    select * from {{ ref('int_register_calls') }}

),

ledger_stages as (

    select * from {{ ref('int_ledger_stages') }}

),

known as (

    select
        activity.*,
        origins.customer_id is not null as has_prior_history,
        {{ dbt.datediff('origins.first_sale_date', 'activity.clock_start_date', 'day') }}
            as days_unseen_before,
        second_purchases.second_purchase_days,
        coalesce(register_calls.returned_from >= activity.clock_start_date, false)
            as has_come_back
    from activity
    left join second_purchases
        on activity.snapshot_date = second_purchases.snapshot_date
    left join origins
        on activity.customer_id = origins.customer_id
    left join register_calls
        on
            activity.snapshot_date = register_calls.snapshot_date
            and activity.customer_id = register_calls.customer_id

),

limits as (

    select
        known.*,
        case
            when purchases_to_date = 1 and not has_prior_history
                then
                    {{ one_purchase_declining_after_days(
                        'second_purchase_days', 'expected_gap_days'
                    ) }}
            else {{ declining_after_days('expected_gap_days') }}
        end as declining_after_days,
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
    from known

),

staged as (

    select
        limits.*,
        case
            when silent_days >= lost_after_days then 'lost'
            when silent_days >= dormant_after_days then 'dormant'
            when has_come_back then 'reactivated'
            when
                (
                    reactivations > 0
                    or (has_prior_history and days_unseen_before >= dormant_after_days)
                )
                and clock_days < {{ var('lifecycle_reactivated_days') }}
                then 'reactivated'
            when
                reactivations = 0
                and not has_prior_history
                and clock_days < {{ var('lifecycle_new_days') }}
                then 'new'
            when silent_days >= declining_after_days then 'declining'
            when purchases_to_date = 1 and not has_prior_history then 'new'
            when not has_trend then 'mature'
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
    case
        when register_calls.leaving_source is not null then 'lost'
        else coalesce(staged.lifecycle_stage, ledger_stages.lifecycle_stage, 'prospect')
    end as lifecycle_stage,
    case
        when register_calls.leaving_source is not null then register_calls.leaving_source
        when coalesce(staged.lifecycle_stage, ledger_stages.lifecycle_stage) = 'lost' then 'silence'
    end as lost_source,
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
left join ledger_stages
    on
        snapshots.snapshot_date = ledger_stages.snapshot_date
        and customers.customer_id = ledger_stages.customer_id
left join register_calls
    on
        snapshots.snapshot_date = register_calls.snapshot_date
        and customers.customer_id = register_calls.customer_id
