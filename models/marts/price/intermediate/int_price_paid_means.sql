{#- What one unit of a product cost on average over all who bought it, anonymous sales included, by
    week and by month. Weeks with few purchases are left to the month. What is paid for a charge, a
    fee or a gift card differs because it is not the same thing: such a product has no mean. -#}
{% set log_price -%}
    ln(cast(order_lines.net_revenue as double) / cast(order_lines.quantity as double))
{%- endset -%}
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
        sum(order_lines.net_revenue) as net_revenue,
        sum({{ log_price }}) as log_price,
        sum({{ log_price }} * {{ log_price }}) as log_price_squared
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
        sum(net_revenue) as net_revenue,
        sum(log_price) / sum(purchases) as mean_log_price,
        sum(log_price_squared) / sum(purchases) as mean_log_price_squared
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
        sum(net_revenue) as net_revenue,
        sum(log_price) / sum(purchases) as mean_log_price,
        sum(log_price_squared) / sum(purchases) as mean_log_price_squared
    from weekly
    group by
        product_id,
        month_start_date

),

means as (

    select
        product_id,
        period,
        period_start_date,
        cast(purchases as bigint) as purchases,
        cast(net_revenue as double) / cast(units as double) as mean_price,
        mean_log_price,
        -- Of prices that are all alike rounding leaves a little, above zero or below.
        sqrt(greatest(mean_log_price_squared - mean_log_price * mean_log_price, 0.0))
            as log_price_spread
    from periods

)

select
    product_id,
    period,
    period_start_date,
    purchases,
    mean_price
from means
where
    purchases >= {{ var('price_index_min_purchases') }}
    and round(exp(log_price_spread), 6) <= {{ var('price_index_largest_spread') }}
    -- A single sum among many usual ones hardly spreads them and yet makes the mean.
    and round(mean_price / exp(mean_log_price), 6) <= {{ var('price_index_largest_spread') }}
