with profiled as (

    select
        attribute,
        sum(customers) as customers,
        sum(active_customers) as active_customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(recent_orders) as recent_orders,
        sum(recent_net_revenue) as recent_net_revenue
    from {{ ref('customer_base_profile') }}
    group by attribute

),

as_of as (

    select
        {{ dbt.dateadd('day', -1 * var('profile_window_days'), 'as_of_date') }}
            as window_start_date
    from {{ ref('as_of') }}

),

orders as (

    select
        count(case when fct_orders.is_valid_order then 1 end) as orders,
        coalesce(sum(fct_orders.net_revenue), 0) as net_revenue,
        count(
            case
                when
                    fct_orders.is_valid_order
                    and fct_orders.order_date >= as_of.window_start_date
                    then 1
            end
        ) as recent_orders,
        coalesce(
            sum(
                case
                    when fct_orders.order_date >= as_of.window_start_date
                        then fct_orders.net_revenue
                end
            ), 0
        ) as recent_net_revenue,
        count(
            distinct case
                when
                    fct_orders.is_valid_order
                    and fct_orders.order_date >= as_of.window_start_date
                    then fct_orders.customer_id
            end
        ) as active_customers
    from {{ ref('fct_orders') }} as fct_orders
    cross join as_of
    where fct_orders.customer_id is not null

),

customers as (

    select count(*) as customers
    from {{ ref('dim_customers') }}

)

select
    profiled.attribute,
    profiled.customers,
    customers.customers as expected_customers,
    profiled.net_revenue,
    orders.net_revenue as expected_net_revenue
from profiled
cross join orders
cross join customers
where
    profiled.customers <> customers.customers
    or profiled.active_customers <> orders.active_customers
    or profiled.orders <> orders.orders
    or profiled.net_revenue <> orders.net_revenue
    or profiled.recent_orders <> orders.recent_orders
    or profiled.recent_net_revenue <> orders.recent_net_revenue
