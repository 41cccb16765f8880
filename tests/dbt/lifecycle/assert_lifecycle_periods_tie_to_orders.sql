with periods as (

    select
        period_grain,
        sum(net_revenue) as net_revenue
    from {{ ref('lifecycle_periods') }}
    group by period_grain

),

orders as (

    select sum(net_revenue_after_returns) as net_revenue
    from {{ ref('fct_orders') }}
    where
        is_purchase
        and is_identified

)

select
    periods.period_grain,
    periods.net_revenue,
    orders.net_revenue as order_revenue
from periods
cross join orders
where periods.net_revenue != orders.net_revenue
