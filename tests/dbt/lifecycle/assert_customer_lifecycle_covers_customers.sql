with stages as (

    select
        count(*) as customers,
        sum(trailing_12m_revenue) as revenue
    from {{ ref('customer_lifecycle') }}

),

customers as (

    select count(*) as customers
    from {{ ref('dim_customers') }}

),

orders as (

    select coalesce(sum(orders.net_revenue_after_returns), 0) as revenue
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where
        orders.is_valid_order
        and orders.is_identified
        and orders.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}

)

select
    stages.customers,
    customers.customers as known_customers,
    stages.revenue,
    orders.revenue as order_revenue
from stages
cross join customers
cross join orders
where
    stages.customers != customers.customers
    or coalesce(stages.revenue, 0) != orders.revenue
