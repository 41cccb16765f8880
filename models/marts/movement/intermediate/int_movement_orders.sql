{#- Every order that moves revenue, on its own day, with the branch it belongs to and its units. The
    branches are those of monthly_revenue. What is sold by weight or volume has no number of units that
    could be added to others: a line of it is one. -#}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_purchase
        or net_revenue <> 0

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where line_type = 'product'

),

measured_products as (

    select product_id
    from order_lines
    group by product_id
    having
        2 * count(
            case
                when
                    quantity <> floor(quantity)
                    or quantity > {{ var('movement_counted_quantity') }}
                    or quantity < -{{ var('movement_counted_quantity') }}
                    then 1
            end
        ) >= count(*)

),

order_units as (

    select
        order_lines.order_id,
        sum(
            case
                when measured_products.product_id is null then order_lines.quantity
                else sign(order_lines.quantity)
            end
        ) as units
    from order_lines
    left join measured_products
        on order_lines.product_id = measured_products.product_id
    group by order_lines.order_id

)

select
    orders.order_id,
    orders.order_date,
    coalesce(orders.store_id, '(unknown)') as store_id,
    orders.customer_id,
    orders.is_purchase,
    case
        when not orders.is_purchase then 'given_back'
        when orders.is_identified then 'identified'
        else 'anonymous'
    end as branch,
    coalesce(order_units.units, 0) as units,
    orders.net_revenue
from orders
left join order_units
    on orders.order_id = order_units.order_id
