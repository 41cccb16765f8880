{#- The days that suggestions are made on: the as-of date, and days of the past whose future is
    known. What is seen on a day lies before it. -#}
with as_of as (

    select * from {{ ref('as_of') }}

),

numbers as (

    select * from {{ ref('numbers') }}
    where number <= {{ var('next_category_backtests') }}

),

basket_categories as (

    select * from {{ ref('int_basket_categories') }}

),

began as (

    select min(order_date) as first_date
    from basket_categories
    where customer_id is not null

),

cuts as (

    select
        numbers.number as cut_number,
        cast(
            {{ dbt.dateadd(
                'day',
                '-numbers.number * ' ~ var('next_category_horizon_days'),
                'as_of.as_of_date'
            ) }} as date
        ) as cut_date
    from as_of
    cross join numbers

)

select
    cuts.cut_number,
    cuts.cut_date
from cuts
cross join began
where began.first_date < cuts.cut_date
