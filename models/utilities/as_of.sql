{#- Reads the orders before the gate, which needs the dates. Void orders do not move the clock: a
    test order is dated when somebody tests. Asked for no date, the warehouse knows what had landed. -#}
{%- set as_of_date = var('as_of_date') -%}

with orders as (

    select * from {{ ref('base_pos__orders') }}
    where
        row_outcome = 'accepted'
        and (order_status is null or order_status not in {{ void_order_statuses() }})

),

manifest as (

    select * from {{ source('landing', 'manifest') }}

),

last_order as (

    select cast({{ dbt.dateadd('day', 1, 'cast(max(ordered_at) as date)') }} as date) as as_of_date
    from orders

),

last_landing as (

    select
        max(landed_on) as landed_on,
        cast({{ dbt.dateadd('day', 1, 'max(landed_on)') }} as date) as day_after
    from manifest

),

clock as (

    select
        {% if as_of_date is none %}
            cast(coalesce(last_order.as_of_date, last_landing.landed_on) as date) as as_of_date,
            last_landing.day_after
        {% else %}
            cast('{{ as_of_date }}' as date) as as_of_date,
            cast('{{ as_of_date }}' as date) as day_after
        {% endif %}
    from last_order
    cross join last_landing

)

select
    as_of_date,
    greatest(as_of_date, day_after) as known_before_date
from clock
