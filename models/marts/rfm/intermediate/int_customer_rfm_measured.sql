{#- Who had bought follows from the purchases in sequence, and only what lies in the window is added
    up: a purchase day is joined to the snapshots of a window, and not to all that ever follow. -#}
with snapshot_dates as (

    select
        snapshot_date,
        snapshot_as_of_date,
        is_month_end,
        is_current,
        is_holdout,
        {{ dbt.dateadd('day', -1 * var('rfm_window_days'), 'snapshot_as_of_date') }}
            as window_start_date
    from {{ ref('int_snapshot_dates') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}

),

purchase_sequences as (

    select * from {{ ref('int_customer_purchase_sequences') }}

),

latest_purchases as (

    select
        snapshot_dates.snapshot_date,
        snapshot_dates.snapshot_as_of_date,
        snapshot_dates.is_month_end,
        snapshot_dates.is_current,
        snapshot_dates.is_holdout,
        sequences.customer_id,
        sequences.purchase_date as last_purchase_date
    from snapshot_dates
    inner join purchase_sequences as sequences
        on
            snapshot_dates.snapshot_date >= sequences.purchase_date
            and snapshot_dates.snapshot_date
            < coalesce(sequences.next_purchase_date, cast('9999-12-31' as date))
            and (
                sequences.known_from is null
                or snapshot_dates.snapshot_date >= sequences.known_from
            )
            and (
                sequences.known_until is null
                or snapshot_dates.snapshot_date < sequences.known_until
            )

),

windows as (

    select
        snapshot_dates.snapshot_date,
        purchase_days.customer_id,
        sum(purchase_days.order_count) as frequency,
        sum(purchase_days.net_revenue) as monetary_value
    from snapshot_dates
    inner join purchase_days
        on
            snapshot_dates.window_start_date <= purchase_days.purchase_date
            and snapshot_dates.snapshot_date >= purchase_days.valid_from
            and (
                purchase_days.valid_until is null
                or snapshot_dates.snapshot_date < purchase_days.valid_until
            )
    group by
        snapshot_dates.snapshot_date,
        purchase_days.customer_id

)

select
    latest_purchases.snapshot_date,
    latest_purchases.is_month_end,
    latest_purchases.is_current,
    latest_purchases.is_holdout,
    latest_purchases.customer_id,
    latest_purchases.last_purchase_date,
    cast(
        {{ dbt.datediff(
            'latest_purchases.last_purchase_date', 'latest_purchases.snapshot_as_of_date', 'day'
        ) }} as bigint
    ) as recency_days,
    cast(coalesce(windows.frequency, 0) as bigint) as frequency,
    cast(coalesce(windows.monetary_value, 0) as decimal(18, 2)) as monetary_value,
    coalesce(windows.frequency, 0) > 0 as is_in_window
from latest_purchases
left join windows
    on
        latest_purchases.snapshot_date = windows.snapshot_date
        and latest_purchases.customer_id = windows.customer_id
