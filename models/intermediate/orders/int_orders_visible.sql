{#- Accepted orders before the as-of date, and whether they are void: cancelled, unavailable and
    test orders never become sales. -#}
with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

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
    orders.order_status in ('cancelled', 'unavailable', 'test') as is_void
from orders
cross join as_of
where orders.order_date < as_of.as_of_date
