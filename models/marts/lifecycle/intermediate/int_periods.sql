{#- Weeks (from Monday), months and quarters from the first purchase to the as-of date, numbered
    within their grain. The last one is complete only when it ends before the as-of date. Of those who first
    bought in the first ones, many had bought before the data begin. -#}
with days as (

    select * from {{ ref('date_spine') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_purchase
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

first_purchase as (

    select min(order_date) as first_purchase_date
    from orders

),

starts as (

    {% for period in period_grains() %}
        {% set period_start = dbt.date_trunc(period.grain, 'days.date_day') %}
        select distinct
            '{{ period.grain }}' as period_grain,
            cast({{ period_start }} as date) as period_start,
            cast({{ dbt.dateadd(period.unit, period.step, period_start) }} as date)
                as next_period_start,
            first_purchase.first_purchase_date
        from days
        cross join first_purchase
        cross join as_of
        where
            days.date_day >= first_purchase.first_purchase_date
            and days.date_day < as_of.as_of_date
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select
    starts.period_grain,
    starts.period_start,
    starts.next_period_start,
    row_number() over (partition by starts.period_grain order by starts.period_start)
        as period_number,
    starts.next_period_start <= as_of.as_of_date as is_complete,
    starts.period_start
    < {{ dbt.dateadd('day', var('left_censored_days'), 'starts.first_purchase_date') }}
    and {{ var('left_censored_days') }} > 0 as is_left_censored
from starts
cross join as_of
