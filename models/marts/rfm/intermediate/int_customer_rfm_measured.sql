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

measured as (

    select
        snapshot_dates.snapshot_date,
        snapshot_dates.snapshot_as_of_date,
        snapshot_dates.is_month_end,
        snapshot_dates.is_current,
        snapshot_dates.is_holdout,
        purchase_days.customer_id,
        max(purchase_days.purchase_date) as last_purchase_date,
        sum(
            case
                when purchase_days.purchase_date >= snapshot_dates.window_start_date
                    then purchase_days.order_count
                else 0
            end
        ) as frequency,
        sum(
            case
                when purchase_days.purchase_date >= snapshot_dates.window_start_date
                    then purchase_days.net_revenue
                else 0
            end
        ) as monetary_value
    from snapshot_dates
    inner join purchase_days
        on
            snapshot_dates.snapshot_date >= purchase_days.valid_from
            and (
                purchase_days.valid_until is null
                or snapshot_dates.snapshot_date < purchase_days.valid_until
            )
    group by
        snapshot_dates.snapshot_date,
        snapshot_dates.snapshot_as_of_date,
        snapshot_dates.is_month_end,
        snapshot_dates.is_current,
        snapshot_dates.is_holdout,
        purchase_days.customer_id

)

select
    snapshot_date,
    is_month_end,
    is_current,
    is_holdout,
    customer_id,
    last_purchase_date,
    cast({{ dbt.datediff('last_purchase_date', 'snapshot_as_of_date', 'day') }} as bigint)
        as recency_days,
    cast(frequency as bigint) as frequency,
    cast(monetary_value as decimal(18, 2)) as monetary_value,
    frequency > 0 as is_in_window
from measured
