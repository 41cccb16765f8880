{#- Every day from the year of the first visible order, or else of the last day observed, to the end
    of the as-of year. Counted back from the end, so that no date in the data can keep the calendar
    from reaching today. -#}
with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

numbers as (

    select * from {{ ref('numbers') }}

),

bounds as (

    select
        cast(
            {{ dbt.date_trunc(
                'year',
                'coalesce(min(orders.order_date), '
                ~ dbt.dateadd('day', -1, 'max(as_of.as_of_date)') ~ ')'
            ) }} as date
        ) as first_day,
        cast(
            {{ dbt.dateadd('year', 1, dbt.date_trunc('year', 'max(as_of.as_of_date)')) }} as date
        ) as end_day
    from as_of
    left join orders
        on as_of.as_of_date > orders.order_date

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
