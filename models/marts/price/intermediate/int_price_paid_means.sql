{#- What one unit of a product cost on average over all who bought it, anonymous sales included, by
    week and by month. Weeks with few purchases are left to the month. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and quantity > 0
        and net_revenue > 0
        and product_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

weekly as (

    select
        order_lines.product_id,
        cast({{ dbt.date_trunc('week', 'order_lines.order_date') }} as date) as week_start_date,
        cast({{ dbt.date_trunc('month', 'order_lines.order_date') }} as date) as month_start_date,
        count(*) as purchases,
        sum(order_lines.quantity) as units,
        sum(order_lines.net_revenue) as net_revenue
    from order_lines
    cross join as_of
    where
        order_lines.order_date
        >= {{ dbt.dateadd('day', -1 * var('price_sensitivity_days'), 'as_of.as_of_date') }}
    group by
        order_lines.product_id,
        cast({{ dbt.date_trunc('week', 'order_lines.order_date') }} as date),
        cast({{ dbt.date_trunc('month', 'order_lines.order_date') }} as date)

),

periods as (

    select
        product_id,
        'week' as period,
        week_start_date as period_start_date,
        sum(purchases) as purchases,
        sum(units) as units,
        sum(net_revenue) as net_revenue
    from weekly
    group by
        product_id,
        week_start_date

    union all

    select
        product_id,
        'month' as period,
        month_start_date as period_start_date,
        sum(purchases) as purchases,
        sum(units) as units,
        sum(net_revenue) as net_revenue
    from weekly
    group by
        product_id,
        month_start_date

)

select
    product_id,
    period,
    period_start_date,
    cast(purchases as bigint) as purchases,
    cast(net_revenue as double) / cast(units as double) as mean_price
from periods
where purchases >= {{ var('price_index_min_purchases') }}
