with orders as (

    select * from {{ ref('int_orders_classified') }}

),

valid_orders as (

    select
        order_id,
        order_date,
        row_number() over (partition by customer_id order by ordered_at, order_id)
            as customer_order_number,
        lag(order_date) over (partition by customer_id order by ordered_at, order_id)
            as previous_order_date
    from orders
    where
        invalid_reason is null
        and customer_id is not null

)

select
    orders.order_id,
    orders.customer_id,
    orders.store_id,
    orders.channel_id,
    orders.ordered_at,
    orders.order_date,
    cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date) as order_month,
    orders.order_type,
    orders.order_status,
    orders.original_order_id,
    orders.order_type = 'sale' and orders.net_revenue > 0 as is_purchase,
    orders.invalid_reason is null as is_valid_order,
    orders.invalid_reason,
    orders.customer_id is not null as is_identified,
    cast(orders.line_count as bigint) as line_count,
    cast(orders.ordered_amount as decimal(18, 2)) as ordered_amount,
    cast(orders.gross_amount as decimal(18, 2)) as gross_amount,
    cast(orders.loyalty_discount as decimal(18, 2)) as loyalty_discount,
    cast(orders.promotion_discount as decimal(18, 2)) as promotion_discount,
    cast(orders.coupon_match_discount as decimal(18, 2)) as coupon_match_discount,
    cast(orders.manufacturer_coupon_discount as decimal(18, 2)) as manufacturer_coupon_discount,
    cast(orders.net_revenue as decimal(18, 2)) as net_revenue,
    cast(orders.amount_paid as decimal(18, 2)) as amount_paid,
    cast(orders.returned_amount as decimal(18, 2)) as returned_amount,
    cast(orders.returned_later_amount as decimal(18, 2)) as returned_later_amount,
    cast(orders.net_revenue_after_returns as decimal(18, 2)) as net_revenue_after_returns,
    cast(orders.cost_amount as decimal(18, 2)) as cost_amount,
    cast(orders.net_revenue - orders.cost_amount as decimal(18, 2)) as contribution_amount,
    orders.shipping_amount,
    orders.fulfilment_cost,
    orders.fulfilled_at,
    cast(valid_orders.customer_order_number as bigint) as customer_order_number,
    valid_orders.customer_order_number = 1 as is_first_order,
    cast(
        {{ dbt.datediff('valid_orders.previous_order_date', 'valid_orders.order_date', 'day') }}
        as bigint
    ) as days_since_previous_order
from orders
left join valid_orders
    on orders.order_id = valid_orders.order_id
