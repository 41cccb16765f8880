{# The steps are private to their domain, its tests included. -#}
{{ config(group="channels") }}

with journeys as (

    select
        count(*) as journeys,
        count(order_id) as orders,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('int_journeys') }}

),

paths as (

    select
        coalesce(sum(journeys), 0) as journeys,
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('channel_journeys') }}
    where customer_kind = 'all'

),

assists as (

    select
        coalesce(sum(last_orders), 0) as last_orders,
        coalesce(sum(first_orders), 0) as first_orders,
        coalesce(sum(last_revenue), 0) as last_revenue
    from {{ ref('channel_assists') }}
    where customer_kind = 'all'

)

select
    journeys.journeys,
    paths.journeys as told_journeys,
    journeys.orders,
    paths.orders as told_orders,
    assists.last_orders,
    assists.first_orders
from journeys
cross join paths
cross join assists
where
    journeys.journeys <> paths.journeys
    or journeys.orders <> paths.orders
    or journeys.net_revenue <> paths.net_revenue
    or journeys.orders <> assists.last_orders
    or journeys.orders <> assists.first_orders
    or journeys.net_revenue <> assists.last_revenue
