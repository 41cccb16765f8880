{#- Whole months only. A share moves by a difference, everything else by a ratio. -#}
{% set shares = ['identified_revenue_share'] -%}
{% set steps = [('month', 1), ('year', 12)] -%}

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
    {% for step, months in steps %}
        {{ step }}_before.amount as amount_{{ step }}_before,
        case
            when figures.figure in ('{{ shares | join("', '") }}')
                then figures.amount - {{ step }}_before.amount
            when {{ step }}_before.amount > 0
                then figures.amount / {{ step }}_before.amount - 1
        end as change_{{ step }}{{ "," if not loop.last }}
    {% endfor %}
from figures
{% for step, months in steps %}
    left join figures as {{ step }}_before
        on
            figures.figure = {{ step }}_before.figure
            and {{ step }}_before.month_start
            = cast({{ dbt.dateadd('month', -months, 'figures.month_start') }} as date)
{% endfor %}
