with order_lines as (

    select * from {{ ref('int_order_lines_signed') }}

),

orders as (

    select * from {{ ref('int_orders_classified') }}

),

return_matches as (

    select * from {{ ref('int_return_matches') }}

)

select
    order_lines.order_line_id,
    order_lines.order_id,
    orders.customer_id,
    orders.store_id,
    orders.channel_id,
    order_lines.product_id,
    order_lines.line_type,
    orders.order_date,
    order_lines.quantity,
    order_lines.is_return,
    return_matches.return_match,
    return_matches.matched_order_id as returned_order_id,
    order_lines.gross_amount,
    order_lines.loyalty_discount,
    order_lines.promotion_discount,
    order_lines.coupon_match_discount,
    order_lines.manufacturer_coupon_discount,
    order_lines.net_revenue,
    order_lines.amount_paid,
    order_lines.tax_amount,
    order_lines.cost_amount,
    cast(order_lines.net_revenue - order_lines.cost_amount as decimal(18, 2))
        as contribution_amount
from order_lines
inner join orders
    on order_lines.order_id = orders.order_id
left join return_matches
    on order_lines.order_line_id = return_matches.order_line_id
where orders.is_revenue
