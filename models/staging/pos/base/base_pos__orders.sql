{{ config(materialized='table') }}

{#- Few orders beyond a long gap, before or after all others, are dated wrong. In a replay, orders of
    the time from then on are not known. -#}
{%- set as_of_date = var('as_of_date') -%}

with landed_orders as (

    select * from {{ source('pos', 'orders') }}

),

stores as (

    select * from {{ ref('base_pos__stores') }}
    where row_outcome = 'accepted'

),

landing as (

    select * from {{ source('landing', 'manifest') }}
    where table_name = 'pos.orders'

),

stores_ahead as (

    select stores.store_id
    from stores
    inner join landing
        on landing.time_zones_ahead like '%,' || stores.time_zone || ',%'

),

days as (

    select
        cast(landed_orders.ordered_at as date) as order_date,
        count(*) as order_count
    from landed_orders
    cross join landing
    where
        cast(landed_orders.ordered_at as date) >= {{ earliest_plausible_date() }}
        and cast(landed_orders.ordered_at as date) <= {{ dbt.dateadd('day', 1, 'landing.landed_on') }}
        {% if as_of_date is not none -%}
        and landed_orders.ordered_at < cast('{{ as_of_date }}' as date)
        {%- endif %}
    group by cast(landed_orders.ordered_at as date)

),

days_with_neighbours as (

    select
        order_date,
        lag(order_date) over (order by order_date) as day_before,
        lead(order_date) over (order by order_date) as day_after,
        sum(order_count) over (order by order_date) as orders_up_to,
        sum(order_count) over (order by order_date desc) as orders_from,
        sum(order_count) over () as orders_in_all
    from days

),

stray_days as (

    select
        max(
            case
                when
                    {{ dbt.datediff('order_date', 'day_after', 'day') }} > {{ var('stray_date_gap_days') }}
                    and orders_up_to <= {{ var('stray_date_max_share') }} * orders_in_all
                    then order_date
            end
        ) as last_stray_before,
        min(
            case
                when
                    {{ dbt.datediff('day_before', 'order_date', 'day') }} > {{ var('stray_date_gap_days') }}
                    and orders_from <= {{ var('stray_date_max_share') }} * orders_in_all
                    then order_date
            end
        ) as first_stray_after
    from days_with_neighbours

),

{% call audited_rows('pos', 'orders', rules={
    "stray_date": (
        "cast(rows_landed.ordered_at as date) between " ~ earliest_plausible_date()
        ~ " and stray_days.last_stray_before"
        " or cast(rows_landed.ordered_at as date) between stray_days.first_stray_after"
        " and " ~ (
            dbt.dateadd('day', -1, "cast('" ~ as_of_date ~ "' as date)")
            if as_of_date is not none else dbt.dateadd('day', 1, 'manifest.landed_on')
        )
    ),
    }, last_day=(
        "case when stores_ahead.store_id is null then manifest.landed_on else "
        ~ dbt.dateadd('day', 1, 'manifest.landed_on') ~ " end"
)) %}
    left join stores_ahead
        on rows_landed.store_id = stores_ahead.store_id
    cross join stray_days
{% endcall %}

select * from outcomes
