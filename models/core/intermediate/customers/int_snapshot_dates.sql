{#- The days the base is looked at: each month end that was observed, the last day observed, and the
    last day before the holdout. Without an order there is only the last day: whoever is known is a
    prospect on it. -#}
with days as (

    select * from {{ ref('date_spine') }}

),

orders as (

    select * from {{ ref('int_orders_classified') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

first_order as (

    select min(order_date) as first_order_date
    from orders

),

candidates as (

    select
        days.date_day as snapshot_date,
        cast({{ dbt.dateadd('day', 1, 'days.date_day') }} as date) as snapshot_as_of_date,
        days.date_day = {{ dbt.last_day('days.date_day', 'month') }} as is_month_end,
        cast({{ dbt.dateadd('day', 1, 'days.date_day') }} as date) = as_of.as_of_date as is_current,
        cast(
            {{ dbt.dateadd('day', 1 + var('churn_horizon_days') | int, 'days.date_day') }} as date
        ) = as_of.as_of_date as is_holdout
    from days
    cross join as_of
    cross join first_order
    where
        days.date_day < as_of.as_of_date
        and (
            days.date_day >= first_order.first_order_date
            or days.date_day = {{ dbt.dateadd('day', -1, 'as_of.as_of_date') }}
        )

)

select
    snapshot_date,
    snapshot_as_of_date,
    is_month_end,
    is_current,
    is_holdout
from candidates
where
    is_month_end
    or is_current
    or is_holdout
