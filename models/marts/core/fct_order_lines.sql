with order_lines as (

    select * from {{ ref('stg_pos__order_lines') }}

),

orders as (

    select * from {{ ref('int_orders_visible') }}

)

select
    order_lines.order_line_id,
    order_lines.order_id,
    orders.customer_id,
    orders.store_id,
    orders.channel_id,
    order_lines.product_id,
    orders.order_date,
    order_lines.quantity,
    order_lines.quantity < 0 as is_return,
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
where not orders.is_void
