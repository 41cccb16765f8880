{#- What customers' own shopping is like, as counts and what they are counted of, so that the study
    can tell much evidence from little. -#}
{%- set of_lines = [
    'line_count', 'priced_lines', 'discounted_lines', 'branded_lines', 'private_label_lines',
    'department_lines', 'fresh_lines'
] -%}

with snapshots as (

    select * from {{ ref('int_segment_snapshots') }}

),

orders as (

    select * from {{ ref('int_segment_orders') }}

),

category_lines as (

    select * from {{ ref('int_customer_category_lines') }}

),

tickets as (

    select
        tickets.customer_id,
        cast(tickets.opened_at as date) as opened_date
    from {{ ref('stg_service__tickets') }} as tickets
    where tickets.customer_id is not null

),

customer_orders as (

    select
        snapshots.snapshot,
        orders.customer_id,
        count(*) as order_count,
        sum(orders.net_revenue) as net_revenue,
        sum(orders.line_count) as basket_lines,
        sum(case when orders.is_weekend then 1 else 0 end) as weekend_orders,
        sum(case when orders.has_time then 1 else 0 end) as timed_orders,
        sum(case when orders.has_time and orders.is_evening then 1 else 0 end) as evening_orders,
        count(orders.is_online) as channel_orders,
        sum(case when orders.is_online then 1 else 0 end) as online_orders
    from orders
    inner join snapshots
        on
            (snapshots.snapshot = 'current' and orders.is_in_current)
            or (snapshots.snapshot = 'earlier' and orders.is_in_earlier)
    group by
        snapshots.snapshot,
        orders.customer_id

),

by_category as (

    select
        snapshots.snapshot,
        category_lines.customer_id,
        category_lines.department,
        category_lines.category,
    {% for measure in of_lines -%}
        sum(category_lines.{{ measure }}) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from category_lines
    inner join snapshots
        on
            (snapshots.snapshot = 'current' and category_lines.is_in_current)
            or (snapshots.snapshot = 'earlier' and category_lines.is_in_earlier)
    group by
        snapshots.snapshot,
        category_lines.customer_id,
        category_lines.department,
        category_lines.category

),

customer_lines as (

    select
        snapshot,
        customer_id,
        count(category) as category_count,
        sum(case when category is not null then line_count else 0 end) as categorised_lines,
    {% for measure in of_lines -%}
        sum({{ measure }}) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from by_category
    group by
        snapshot,
        customer_id

),

-- Where not a single ticket landed nothing is known of service; elsewhere no ticket is none.
recorded_service as (

    select count(*) > 0 as is_recorded
    from tickets

),

customer_tickets as (

    select
        snapshots.snapshot,
        tickets.customer_id,
        count(*) as service_contacts
    from tickets
    inner join snapshots
        on
            tickets.opened_date >= snapshots.window_start_date
            and tickets.opened_date < snapshots.snapshot_date
    group by
        snapshots.snapshot,
        tickets.customer_id

)

select
    customer_orders.customer_id,
    customer_orders.snapshot,
    cast(customer_orders.order_count as bigint) as order_count,
    cast(customer_orders.net_revenue as decimal(18, 2)) as net_revenue,
    cast(customer_orders.basket_lines as bigint) as basket_lines,
    cast(coalesce(customer_lines.category_count, 0) as bigint) as category_count,
    cast(coalesce(customer_lines.categorised_lines, 0) as bigint) as categorised_lines,
    {% for measure in of_lines -%}
        cast(coalesce(customer_lines.{{ measure }}, 0) as bigint) as {{ measure }},
    {% endfor -%}
    cast(customer_orders.weekend_orders as bigint) as weekend_orders,
    cast(customer_orders.timed_orders as bigint) as timed_orders,
    cast(customer_orders.evening_orders as bigint) as evening_orders,
    cast(customer_orders.channel_orders as bigint) as channel_orders,
    cast(customer_orders.online_orders as bigint) as online_orders,
    cast(
        case
            when recorded_service.is_recorded then coalesce(customer_tickets.service_contacts, 0)
        end as bigint
    ) as service_contacts
from customer_orders
cross join recorded_service
left join customer_lines
    on
        customer_orders.snapshot = customer_lines.snapshot
        and customer_orders.customer_id = customer_lines.customer_id
left join customer_tickets
    on
        customer_orders.snapshot = customer_tickets.snapshot
        and customer_orders.customer_id = customer_tickets.customer_id
