{#- What became of the products that a customer buys: what those of the window cost against what the
    same customer paid for them before, and how much of the spend was on products that were sold no
    more at the end of the window, though they had been on sale in the days before. -#}
with windows as (

    select * from {{ ref('int_leaving_windows') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and quantity > 0
        and net_revenue > 0

),

delisted as (

    select * from {{ ref('int_delisted_products') }}

),

bought as (

    select
        windows.customer_id,
        windows.visit_date,
        windows.priced_from_date,
        windows.told_until_date,
        order_lines.product_id,
        sum(cast(order_lines.net_revenue as double)) as net_revenue,
        sum(
            case
                when order_lines.order_date >= windows.priced_from_date then order_lines.quantity
            end
        ) as units_now,
        sum(
            case
                when order_lines.order_date >= windows.priced_from_date
                    then coalesce(order_lines.gross_amount, order_lines.net_revenue)
            end
        ) as amount_now,
        sum(
            case
                when order_lines.order_date < windows.priced_from_date then order_lines.quantity
            end
        ) as units_before,
        sum(
            case
                when order_lines.order_date < windows.priced_from_date
                    then coalesce(order_lines.gross_amount, order_lines.net_revenue)
            end
        ) as amount_before
    from windows
    inner join order_lines
        on
            windows.customer_id = order_lines.customer_id
            and windows.visit_date >= order_lines.order_date
            and {{ dbt.dateadd(
                'day', -1 * var('churn_reason_products_days'), 'windows.visit_date'
            ) }} < order_lines.order_date
    group by
        windows.customer_id,
        windows.visit_date,
        windows.priced_from_date,
        windows.told_until_date,
        order_lines.product_id

),

priced as (

    select
        customer_id,
        visit_date,
        told_until_date,
        product_id,
        net_revenue,
        cast(amount_now as double) as amount_now,
        cast(units_now as double)
        * cast(amount_before as double)
        / nullif(cast(units_before as double), 0) as amount_at_prices_before
    from bought

),

-- So much more, or less, is not another price but another thing: a charge, a gift card.
compared as (

    select
        customer_id,
        visit_date,
        told_until_date,
        product_id,
        net_revenue,
        amount_now,
        amount_at_prices_before,
        amount_now <= {{ var('churn_reason_price_largest_ratio') }} * amount_at_prices_before
        and amount_at_prices_before
        <= {{ var('churn_reason_price_largest_ratio') }} * amount_now as is_comparable
    from priced

)

select
    compared.customer_id,
    compared.visit_date,
    round(
        sum(case when compared.is_comparable then compared.amount_now end)
        / nullif(
            sum(case when compared.is_comparable then compared.amount_at_prices_before end), 0
        )
        - 1, 6
    ) as price_change,
    round(
        sum(case when delisted.product_id is not null then compared.net_revenue else 0 end)
        / nullif(sum(compared.net_revenue), 0), 6
    ) as delisted_share
from compared
left join delisted
    on
        compared.product_id = delisted.product_id
        and compared.told_until_date >= delisted.last_sold_on
        and {{ dbt.dateadd('day', -1 * var('churn_reason_delisted_days'), 'compared.visit_date') }}
        < delisted.last_sold_on
group by
    compared.customer_id,
    compared.visit_date
