{#- What every customer, and the anonymous together, bought and gave back by period and store. -#}
with orders as (

    select * from {{ ref('int_movement_orders') }}

),

period_days as (

    select * from {{ ref('int_movement_period_days') }}

)

select
    period_days.period_grain,
    period_days.period_start,
    period_days.period_end,
    orders.store_id,
    orders.customer_id,
    orders.branch,
    count(case when orders.is_purchase then 1 end) as orders,
    sum(case when orders.is_purchase then orders.units else 0 end) as units,
    sum(orders.net_revenue) as net_revenue
from orders
inner join period_days
    on orders.order_date = period_days.date_day
group by
    period_days.period_grain,
    period_days.period_start,
    period_days.period_end,
    orders.store_id,
    orders.customer_id,
    orders.branch
