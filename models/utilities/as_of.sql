{%- set as_of_date = var('as_of_date') -%}

with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

manifest as (

    select * from {{ source('landing', 'manifest') }}

),

last_order as (

    select cast({{ dbt.dateadd('day', 1, 'max(order_date)') }} as date) as as_of_date
    from orders

),

last_landing as (

    select max(landed_on) as landed_on
    from manifest

)

select
    {% if as_of_date is none %}
        cast(coalesce(last_order.as_of_date, last_landing.landed_on) as date) as as_of_date
    {% else %}
        cast('{{ as_of_date }}' as date) as as_of_date
    {% endif %}
from last_order
cross join last_landing
