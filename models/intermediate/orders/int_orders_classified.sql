{#- The one rule of a valid order, with the reason where it is none. -#}
with orders as (

    select * from {{ ref('int_orders_visible') }}

),

order_sums as (

    select * from {{ ref('int_orders_summed') }}

),

later_returns as (

    select
        orders.original_order_id as order_id,
        -sum(order_sums.net_revenue) as returned_later_amount
    from orders
    inner join order_sums
        on orders.order_id = order_sums.order_id
    where
        orders.original_order_id is not null
        and order_sums.net_revenue < 0
    group by orders.original_order_id

),

joined as (

    select
        orders.order_id,
        orders.customer_id,
        orders.store_id,
        orders.channel_id,
        orders.ordered_at,
        orders.order_date,
        orders.order_status,
        orders.original_order_id,
        orders.fulfilled_at,
        orders.shipping_amount,
        orders.fulfilment_cost,
        orders.is_void,
        coalesce(order_sums.line_count, 0) as line_count,
        order_sums.gross_amount,
        order_sums.loyalty_discount,
        order_sums.promotion_discount,
        order_sums.coupon_match_discount,
        order_sums.manufacturer_coupon_discount,
        coalesce(order_sums.net_revenue, 0) as net_revenue,
        order_sums.amount_paid,
        coalesce(order_sums.returned_amount, 0) as returned_amount,
        coalesce(later_returns.returned_later_amount, 0) as returned_later_amount,
        order_sums.cost_amount
    from orders
    left join order_sums
        on orders.order_id = order_sums.order_id
    left join later_returns
        on orders.order_id = later_returns.order_id

)

select
    joined.*,
    case
        when is_void then order_status
        when order_status in ('returned', 'exchange') then order_status
        when line_count = 0 then 'no_lines'
        when net_revenue <= 0 then 'no_net_revenue'
        when net_revenue <= returned_later_amount then 'fully_returned'
    end as invalid_reason
from joined
