{#- Orders that were tried and came to nothing, of those whose days are over: left open
    (abandoned), not to be delivered (failed), cancelled, or brought back. What no order of the
    data ever was is not recorded, and not zero. -#}
{%- set days = var('channel_friction_days') -%}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        order_type = 'sale'
        and order_status <> 'test'

),

lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_return
        and returned_order_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

returns as (

    select
        returned_order_id as order_id,
        min(order_date) as returned_on
    from lines
    group by returned_order_id

),

recorded as (

    select
        count(case when order_status = 'pending' then 1 end) > 0 as has_abandoned,
        count(case when order_status = 'unavailable' then 1 end) > 0 as has_failed,
        count(case when order_status = 'cancelled' then 1 end) > 0 as has_cancelled
    from orders

),

recorded_returns as (

    select count(*) > 0 as has_returned
    from returns

),

attempts as (

    select
        coalesce(orders.channel_id, '(unknown)') as channel_id,
        orders.order_month as activity_month,
        case
            when orders.order_status = 'pending' then 'abandoned'
            when orders.order_status = 'unavailable' then 'failed'
            when orders.order_status = 'cancelled' then 'cancelled'
            when
                returns.returned_on
                <= {{ dbt.dateadd('day', days, 'orders.order_date') }}
                then 'returned'
        end as outcome
    from orders
    cross join as_of
    left join returns
        on orders.order_id = returns.order_id
    where {{ dbt.dateadd('day', days, 'orders.order_date') }} < as_of.as_of_date

),

summed as (

    select
        periods.period_grain,
        periods.period_start,
        attempts.channel_id,
        count(*) as order_attempts,
        count(case when attempts.outcome = 'abandoned' then 1 end) as abandoned_orders,
        count(case when attempts.outcome = 'failed' then 1 end) as failed_orders,
        count(case when attempts.outcome = 'cancelled' then 1 end) as cancelled_orders,
        count(case when attempts.outcome = 'returned' then 1 end) as returned_orders
    from attempts
    inner join periods
        on attempts.activity_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        attempts.channel_id

),

known as (

    select
        summed.period_grain,
        summed.period_start,
        summed.channel_id,
        summed.order_attempts,
        case when recorded.has_abandoned then summed.abandoned_orders end as abandoned_orders,
        case when recorded.has_failed then summed.failed_orders end as failed_orders,
        case when recorded.has_cancelled then summed.cancelled_orders end as cancelled_orders,
        case when recorded_returns.has_returned then summed.returned_orders end as returned_orders,
        recorded.has_abandoned
        or recorded.has_failed
        or recorded.has_cancelled
        or recorded_returns.has_returned as has_any
    from summed
    cross join recorded
    cross join recorded_returns

)

select
    period_grain,
    period_start,
    channel_id,
    cast(order_attempts as bigint) as order_attempts,
    cast(abandoned_orders as bigint) as abandoned_orders,
    cast(failed_orders as bigint) as failed_orders,
    cast(cancelled_orders as bigint) as cancelled_orders,
    cast(returned_orders as bigint) as returned_orders,
    case
        when has_any
            then round(
                (
                    coalesce(abandoned_orders, 0)
                    + coalesce(failed_orders, 0)
                    + coalesce(cancelled_orders, 0)
                    + coalesce(returned_orders, 0)
                ) / cast(nullif(order_attempts, 0) as double), 9
            )
    end as friction_rate
from known
