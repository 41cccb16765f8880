{#- What the stage is decided from, for every customer with a purchase up to a snapshot. A purchase
    day is joined to the snapshots of the longest window, and not to all that ever follow. -#}
{%- set longest_window = [2 * var('lifecycle_trend_days') | int, 365] | max -%}

with clocks as (

    select * from {{ ref('int_customer_clocks') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

base_rhythm as (

    select * from {{ ref('int_base_rhythm') }}

),

latest_purchases as (

    select
        snapshots.snapshot_date,
        clocks.customer_id,
        clocks.purchase_date as last_purchase_date,
        clocks.purchase_number as purchases_to_date,
        clocks.reactivations,
        clocks.clock_start_date,
        {{ expected_gap_days(
            'clocks.recent_log_gap_sum', 'clocks.recent_gap_count', 'base_rhythm.base_log_gap'
        ) }} as expected_gap_days,
        {{ dbt.datediff('clocks.purchase_date', 'snapshots.snapshot_date', 'day') }} as silent_days,
        {{ dbt.datediff('clocks.clock_start_date', 'snapshots.snapshot_date', 'day') }}
            as clock_days
    from snapshots
    inner join base_rhythm
        on snapshots.snapshot_date = base_rhythm.snapshot_date
    inner join clocks
        on
            snapshots.snapshot_date >= clocks.purchase_date
            and snapshots.snapshot_date
            < coalesce(clocks.next_purchase_date, cast('9999-12-31' as date))
            and (clocks.known_from is null or snapshots.snapshot_date >= clocks.known_from)
            and (clocks.known_until is null or snapshots.snapshot_date < clocks.known_until)

),

dated_purchases as (

    select
        snapshots.snapshot_date,
        purchase_days.customer_id,
        purchase_days.net_revenue,
        {{ dbt.datediff('purchase_days.purchase_date', 'snapshots.snapshot_date', 'day') }}
            as days_ago
    from snapshots
    inner join purchase_days
        on
            purchase_days.purchase_date
            > {{ dbt.dateadd('day', -1 * longest_window, 'snapshots.snapshot_date') }}
            and snapshots.snapshot_date >= purchase_days.valid_from
            and (
                purchase_days.valid_until is null
                or snapshots.snapshot_date < purchase_days.valid_until
            )

),

windows as (

    select
        snapshot_date,
        customer_id,
        count(case when days_ago < {{ var('lifecycle_trend_days') }} then 1 end)
            as recent_purchases,
        sum(case when days_ago < {{ var('lifecycle_trend_days') }} then net_revenue else 0 end)
            as recent_revenue,
        count(
            case
                when
                    days_ago >= {{ var('lifecycle_trend_days') }}
                    and days_ago < {{ 2 * var('lifecycle_trend_days') | int }}
                    then 1
            end
        ) as earlier_purchases,
        sum(
            case
                when
                    days_ago >= {{ var('lifecycle_trend_days') }}
                    and days_ago < {{ 2 * var('lifecycle_trend_days') | int }}
                    then net_revenue
                else 0
            end
        ) as earlier_revenue,
        sum(case when days_ago < 365 then net_revenue else 0 end) as trailing_12m_revenue
    from dated_purchases
    group by
        snapshot_date,
        customer_id

)

select
    latest_purchases.snapshot_date,
    latest_purchases.customer_id,
    latest_purchases.last_purchase_date,
    latest_purchases.purchases_to_date,
    latest_purchases.reactivations,
    latest_purchases.clock_start_date,
    latest_purchases.clock_days,
    latest_purchases.silent_days,
    latest_purchases.expected_gap_days,
    coalesce(windows.recent_purchases, 0) as recent_purchases,
    coalesce(windows.earlier_purchases, 0) as earlier_purchases,
    cast(coalesce(windows.recent_revenue, 0) as decimal(18, 2)) as recent_revenue,
    cast(coalesce(windows.earlier_revenue, 0) as decimal(18, 2)) as earlier_revenue,
    cast(coalesce(windows.trailing_12m_revenue, 0) as decimal(18, 2)) as trailing_12m_revenue
from latest_purchases
left join windows
    on
        latest_purchases.snapshot_date = windows.snapshot_date
        and latest_purchases.customer_id = windows.customer_id
