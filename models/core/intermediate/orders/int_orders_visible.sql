{#- Orders and whether they are void: cancelled, unavailable and test orders never become sales. -#}
with orders as (

    select * from {{ ref('stg_pos__orders') }}

)

select
    orders.order_id,
    orders.customer_id,
    orders.store_id,
    orders.channel_id,
    orders.ordered_at,
    orders.order_date,
    orders.order_status,
    orders.order_type,
    orders.original_order_id,
    orders.fulfilled_at,
    orders.shipping_amount,
    orders.fulfilment_cost,
    orders.order_status in {{ void_order_statuses() }} as is_void
from orders
