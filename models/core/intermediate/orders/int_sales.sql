{#- Sales with revenue, and what each took before its own return lines took something back. -#}
with orders as (

    select * from {{ ref('int_orders_typed') }}
    where
        order_type = 'sale'
        and not is_void

),

order_sums as (

    select * from {{ ref('int_orders_summed') }}
    where net_revenue > 0

),

own_returns as (

    select
        order_id,
        sum(amount) as amount
    from {{ ref('int_returned_lines') }}
    where not is_document
    group by order_id

)

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.order_date,
    orders.is_sale_that_came_back,
    order_sums.net_revenue,
    order_sums.net_revenue + coalesce(own_returns.amount, 0) as sold_amount
from orders
inner join order_sums
    on orders.order_id = order_sums.order_id
left join own_returns
    on orders.order_id = own_returns.order_id
