{#- Every day from the year of the first order, without one of the last day observed, to the end of
    the as-of year, or of that of a later order that never became a sale. Counted back from the end, so
    that no date in the data can keep the calendar from reaching today. -#}
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

order_span as (

    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from orders

),

bounds as (

    select
        cast(
            {{ dbt.date_trunc('year', 'coalesce(order_span.first_order_date, ' ~ last_day ~ ')') }}
            as date
        ) as first_day,
        cast(
            {{ dbt.dateadd('year', 1, dbt.date_trunc(
                'year',
                'greatest(as_of.as_of_date, coalesce(order_span.last_order_date, as_of.as_of_date))'
            )) }} as date
        ) as end_day
    from as_of
    cross join order_span

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
