{#- Sales channels by segment, the most used first. -#}
with orders as (

    select * from {{ ref('int_segment_orders') }}
    where is_in_current

),

customers as (

    select * from {{ ref('int_customer_segments') }}

),

combinations as (

    select
        {% for column in segment_schemes().values() -%}
            customers.{{ column }},
        {% endfor -%}
        orders.channel_id,
        orders.is_online,
        count(*) as orders
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    group by
        {% for column in segment_schemes().values() -%}
            customers.{{ column }},
        {% endfor -%}
        orders.channel_id,
        orders.is_online

),

by_scheme as (

    {% for scheme, column in segment_schemes().items() %}
        select
            '{{ scheme }}' as scheme,
            {{ column }} as segment,
            channel_id,
            is_online,
            sum(orders) as orders
        from combinations
        group by
            {{ column }},
            channel_id,
            is_online
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    scheme,
    segment,
    channel_id,
    is_online,
    orders,
    sum(orders) over (partition by scheme, segment) as segment_orders,
    row_number() over (
        partition by scheme, segment
        order by case when channel_id is null then 1 else 0 end asc, orders desc, channel_id asc
    ) as channel_rank
from by_scheme
