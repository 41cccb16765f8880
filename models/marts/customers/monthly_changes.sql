{#- Whole months only. A share moves by a difference, everything else by a ratio. -#}
with revenue as (

    select * from {{ ref('monthly_revenue') }}
    where is_complete

),

periods as (

    select * from {{ ref('lifecycle_periods') }}
    where
        period_grain = 'month'
        and is_complete

),

history as (

    select * from {{ ref('customer_lifecycle_history') }}

),

known_customers as (

    select
        cast({{ dbt.date_trunc('month', 'month_end') }} as date) as month_start,
        count(*) as customers
    from history
    -- The last snapshot may lie within a month.
    where
        cast({{ dbt.date_trunc('month', dbt.dateadd('day', 1, 'month_end')) }} as date)
        = cast({{ dbt.dateadd('day', 1, 'month_end') }} as date)
    group by cast({{ dbt.date_trunc('month', 'month_end') }} as date)

),

figures as (

    select
        'customers' as figure,
        month_start,
        cast(customers as double) as amount
    from known_customers

    union all

    -- The data may begin within the first month in which somebody bought.
    select
        'active_customers' as figure,
        periods.period_start as month_start,
        cast(periods.active_customers as double) as amount
    from periods
    inner join revenue
        on periods.period_start = revenue.order_month

    union all

    select
        'net_revenue' as figure,
        order_month as month_start,
        cast(net_revenue as double) as amount
    from revenue

    union all

    select
        'valid_orders' as figure,
        order_month as month_start,
        cast(valid_orders as double) as amount
    from revenue

    union all

    select
        'identified_revenue_share' as figure,
        order_month as month_start,
        cast(identified_net_revenue as double) / cast(net_revenue as double) as amount
    from revenue
    where net_revenue <> 0

)

select
    figures.figure,
    cast(figures.month_start as date) as month_start,
    figures.amount,
    month_before.amount as amount_month_before,
    case
        when figures.figure = 'identified_revenue_share' then figures.amount - month_before.amount
        when month_before.amount > 0 then figures.amount / month_before.amount - 1
    end as change_month,
    year_before.amount as amount_year_before,
    case
        when figures.figure = 'identified_revenue_share' then figures.amount - year_before.amount
        when year_before.amount > 0 then figures.amount / year_before.amount - 1
    end as change_year
from figures
left join figures as month_before
    on
        figures.figure = month_before.figure
        and month_before.month_start
        = cast({{ dbt.dateadd('month', -1, 'figures.month_start') }} as date)
left join figures as year_before
    on
        figures.figure = year_before.figure
        and year_before.month_start
        = cast({{ dbt.dateadd('month', -12, 'figures.month_start') }} as date)
