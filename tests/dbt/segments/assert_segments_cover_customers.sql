with customers as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(clv_365d), 0) as clv_365d
    from {{ ref('customer_value') }}

),

segments as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as window_revenue
    from {{ ref('customer_segments') }}

),

window_orders as (

    select coalesce(sum(orders.net_revenue_after_returns), 0) as window_revenue
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where
        orders.is_valid_order
        and orders.is_identified
        and orders.order_date
        >= {{ dbt.dateadd('day', -1 * var('segment_window_days'), 'as_of.as_of_date') }}

),

schemes as (

    {% for scheme in segment_schemes() %}
        select '{{ scheme }}' as scheme
        {{ "union all" if not loop.last }}
    {% endfor %}

),

profiles as (

    select
        scheme,
        sum(customers) as customers,
        sum(net_revenue) as net_revenue,
        sum(coalesce(clv_365d, 0)) as clv_365d
    from {{ ref('segment_profiles') }}
    group by scheme

)

select
    schemes.scheme,
    customers.customers - coalesce(profiles.customers, 0) as customers_missing,
    customers.net_revenue - coalesce(profiles.net_revenue, 0) as revenue_missing,
    customers.customers - segments.customers as rows_missing,
    window_orders.window_revenue - segments.window_revenue as window_revenue_missing
from schemes
cross join customers
cross join segments
cross join window_orders
left join profiles
    on schemes.scheme = profiles.scheme
where
    customers.customers <> coalesce(profiles.customers, 0)
    or customers.net_revenue <> coalesce(profiles.net_revenue, 0)
    or customers.clv_365d <> coalesce(profiles.clv_365d, 0)
    or customers.customers <> segments.customers
    or window_orders.window_revenue <> segments.window_revenue
