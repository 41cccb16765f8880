{#- The months in which members could qualify, from the first sale to the last day observed,
    numbered. Every so many there is a review, at the end of the month; the last month may not be over. -#}
with days as (

    select * from {{ ref('date_spine') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

first_sale as (

    select
        cast({{ dbt.date_trunc('month', 'min(order_date)') }} as date) as first_month
    from orders

),

months as (

    select distinct cast({{ dbt.date_trunc('month', 'days.date_day') }} as date) as month_start
    from days
    cross join as_of
    cross join first_sale
    where
        days.date_day < as_of.as_of_date
        and (
            first_sale.first_month is null
            or days.date_day >= first_sale.first_month
        )

),

bounded as (

    select
        months.month_start,
        cast({{ dbt.dateadd('month', 1, 'months.month_start') }} as date) as next_month_start,
        row_number() over (order by months.month_start) as month_number
    from months

)

select
    bounded.month_start,
    bounded.next_month_start,
    bounded.month_number,
    bounded.next_month_start <= as_of.as_of_date as is_complete,
    bounded.next_month_start <= as_of.as_of_date
    and mod(
        cast(extract(month from bounded.month_start) as integer), {{ var('tier_review_months') }}
    ) = 0 as is_review
from bounded
cross join as_of
