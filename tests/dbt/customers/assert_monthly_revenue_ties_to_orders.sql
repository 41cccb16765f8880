with months as (

    select * from {{ ref('monthly_revenue') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

order_months as (

    select
        order_month,
        sum(net_revenue) as net_revenue
    from orders
    group by order_month

)

select
    coalesce(months.order_month, order_months.order_month) as order_month,
    months.net_revenue,
    order_months.net_revenue as expected_net_revenue
from months
full outer join order_months
    on months.order_month = order_months.order_month
where
    -- A void order may be dated after the last sale, from which on there are no months.
    (months.order_month is null and order_months.net_revenue <> 0)
    or months.net_revenue <> coalesce(order_months.net_revenue, 0)
    or months.net_revenue
    <> months.first_time_revenue + months.returning_revenue + months.anonymous_revenue
    + months.given_back_revenue
