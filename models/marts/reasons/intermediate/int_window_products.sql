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

)

select
    bought.customer_id,
    bought.visit_date,
    round(
        sum(
            case when bought.units_before > 0 then cast(bought.amount_now as double) end
        )
        / nullif(
            sum(
                case
                    when bought.units_now > 0
                        then
                            cast(bought.units_now as double)
                            * cast(bought.amount_before as double)
                            / nullif(cast(bought.units_before as double), 0)
                end
            ),
            0
        )
        - 1, 6
    ) as price_change,
    round(
        sum(case when delisted.product_id is not null then bought.net_revenue else 0 end)
        / nullif(sum(bought.net_revenue), 0), 6
    ) as delisted_share
from bought
left join delisted
    on
        bought.product_id = delisted.product_id
        and bought.told_until_date >= delisted.last_sold_on
        and {{ dbt.dateadd('day', -1 * var('churn_reason_delisted_days'), 'bought.visit_date') }}
        < delisted.last_sold_on
group by
    bought.customer_id,
    bought.visit_date
