{#- What was paid for an order against what it comes to, with tax and shipping. -#}
with payments as (

    select * from {{ ref('stg_pos__payments') }}

),

landed_lines as (

    select * from {{ ref('stg_pos__order_lines') }}
    where shipping_amount is not null

),

orders as (

    select * from {{ ref('fct_orders') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}

),

paid as (

    select
        order_id,
        count(*) as payment_count,
        sum(paid_amount) as paid_amount
    from payments
    group by order_id

),

charged as (

    select
        order_id,
        sum(coalesce(amount_paid, net_revenue) + coalesce(tax_amount, 0)) as line_amount
    from order_lines
    group by order_id

),

shipped as (

    select
        order_id,
        sum(shipping_amount) as shipping_amount
    from landed_lines
    group by order_id

),

compared as (

    select
        orders.order_id,
        paid.payment_count,
        paid.paid_amount,
        charged.line_amount
        + coalesce(orders.shipping_amount, shipped.shipping_amount, 0) as due_amount
    from orders
    inner join paid
        on orders.order_id = paid.order_id
    inner join charged
        on orders.order_id = charged.order_id
    left join shipped
        on orders.order_id = shipped.order_id

)

select
    order_id,
    payment_count,
    cast(paid_amount as decimal(18, 2)) as paid_amount,
    cast(due_amount as decimal(18, 2)) as due_amount,
    cast(paid_amount - due_amount as decimal(18, 2)) as difference,
    abs(paid_amount - due_amount) <= {{ var('payment_tolerance_amount') }} as is_settled
from compared
