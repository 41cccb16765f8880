{#- Months in which anything happened, and the periods that they are part of: the month itself,
    the last twelve whole months, and the twelve before these. -#}
with orders as (

    select * from {{ ref('fct_orders') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}

),

costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

months as (

    select order_month as activity_month
    from orders
    group by order_month

    union

    select cast({{ dbt.date_trunc('month', 'touch_date') }} as date) as activity_month
    from touchpoints
    group by cast({{ dbt.date_trunc('month', 'touch_date') }} as date)

    union

    select cast({{ dbt.date_trunc('month', 'cost_date') }} as date) as activity_month
    from costs
    group by cast({{ dbt.date_trunc('month', 'cost_date') }} as date)

    union

    select cast({{ dbt.date_trunc('month', 'responded_at') }} as date) as activity_month
    from surveys
    group by cast({{ dbt.date_trunc('month', 'responded_at') }} as date)

),

first_order as (

    select min(order_date) as first_order_date
    from orders

),

bounds as (

    select
        as_of.as_of_date,
        first_order.first_order_date,
        cast({{ dbt.date_trunc('month', 'as_of.as_of_date') }} as date) as as_of_month,
        cast(
            {{ dbt.dateadd('month', -12, dbt.date_trunc('month', 'as_of.as_of_date')) }} as date
        ) as year_start,
        cast(
            {{ dbt.dateadd('month', -24, dbt.date_trunc('month', 'as_of.as_of_date')) }} as date
        ) as earlier_year_start
    from as_of
    cross join first_order

),

periods as (

    select
        'month' as period_grain,
        months.activity_month as period_start,
        cast({{ dbt.dateadd('month', 1, 'months.activity_month') }} as date) as next_period_start,
        months.activity_month
    from months

    union all

    select
        'twelve_months' as period_grain,
        bounds.year_start as period_start,
        bounds.as_of_month as next_period_start,
        months.activity_month
    from months
    cross join bounds
    where
        months.activity_month >= bounds.year_start
        and months.activity_month < bounds.as_of_month

    union all

    select
        'twelve_months' as period_grain,
        bounds.earlier_year_start as period_start,
        bounds.year_start as next_period_start,
        months.activity_month
    from months
    cross join bounds
    where
        months.activity_month >= bounds.earlier_year_start
        and months.activity_month < bounds.year_start

)

select
    periods.period_grain,
    periods.period_start,
    periods.next_period_start,
    periods.activity_month,
    coalesce(
        periods.period_start >= bounds.first_order_date
        and periods.next_period_start <= bounds.as_of_date,
        false
    ) as is_complete
from periods
cross join bounds
