with as_of as (

    select * from {{ ref('as_of') }}

),

from_orders as (

    select
        count(*) as orders,
        coalesce(sum(orders.net_revenue_after_returns), 0) as net_revenue
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    where
        orders.is_valid_order
        and orders.is_identified
        and orders.order_date
        >= {{ dbt.dateadd('day', -1 * var('rfm_window_days'), 'as_of.as_of_date') }}

),

from_mart as (

    select
        coalesce(sum(frequency), 0) as orders,
        coalesce(sum(monetary_value), 0) as net_revenue
    from {{ ref('customer_rfm') }}

)

select
    from_orders.orders,
    from_mart.orders as mart_orders,
    from_orders.net_revenue,
    from_mart.net_revenue as mart_net_revenue
from from_orders
cross join from_mart
where
    from_orders.orders <> from_mart.orders
    or from_orders.net_revenue <> from_mart.net_revenue
