{#- Every day from the year of the first order, without one of the last day observed, to the end of
    the as-of year. Counted back from the end, so that no date in the data can keep the calendar from
    reaching today. -#}
{%- set last_day = dbt.dateadd('day', -1, 'as_of.as_of_date') -%}
with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

numbers as (

    select * from {{ ref('numbers') }}

),

first_order as (

    select min(order_date) as order_date
    from orders

),

bounds as (

    select
        cast(
            {{ dbt.date_trunc('year', 'coalesce(first_order.order_date, ' ~ last_day ~ ')') }}
            as date
        ) as first_day,
        cast(
            {{ dbt.dateadd('year', 1, dbt.date_trunc('year', 'as_of.as_of_date')) }} as date
        ) as end_day
    from as_of
    cross join first_order

),

days as (

    select
        bounds.first_day,
        cast({{ dbt.dateadd('day', '-1 - numbers.number', 'bounds.end_day') }} as date) as date_day
    from bounds
    cross join numbers

)

select date_day
from days
where date_day >= first_day
