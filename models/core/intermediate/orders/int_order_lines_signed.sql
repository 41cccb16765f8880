{{ config(materialized='view') }}
{#- Lines of the visible orders with their signs made one: what is taken back is negative in every
    amount, however the till wrote it. -#}
with order_lines as (

    select * from {{ ref('stg_pos__order_lines') }}

),

orders as (

    select * from {{ ref('int_orders_typed') }}

),

signed as (

    select
        order_lines.*,
        orders.customer_id,
        orders.order_type,
        orders.is_stated_return,
        case
            when orders.is_turned and order_lines.net_revenue >= 0 then -order_lines.quantity
            else order_lines.quantity
        end as signed_quantity,
        case
            when
                orders.is_turned
                or (order_lines.quantity < 0 and order_lines.net_revenue > 0)
                then -order_lines.net_revenue
            else order_lines.net_revenue
        end as signed_net_revenue
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id

),

marked as (

    select
        signed.*,
        coalesce(
            case
                when signed_quantity < 0
                    then order_type = 'return' or coalesce(line_type, 'product') = 'product'
                else
                    signed_net_revenue < 0
                    and order_type = 'return'
                    and (is_stated_return or customer_id is not null)
            end, false
        ) as is_return
    from signed

)

select
    order_line_id,
    order_id,
    product_id,
    coalesce(
        line_type,
        case when signed_net_revenue < 0 and not is_return then 'adjustment' else 'product' end
    ) as line_type,
    signed_quantity as quantity,
    is_return,
    signed_net_revenue as net_revenue,
    {% for amount in [
        'gross_amount', 'loyalty_discount', 'promotion_discount', 'coupon_match_discount',
        'manufacturer_coupon_discount', 'amount_paid', 'tax_amount', 'cost_amount'
    ] %}
        case when is_return then -abs({{ amount }}) else {{ amount }} end as {{ amount }},
    {% endfor %}
    net_revenue as landed_net_revenue
from marked
