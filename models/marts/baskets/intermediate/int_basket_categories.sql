{#- What was chosen together is not undone by a return: baskets are the sales made. So a past day
    knows of them what it knew then. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and not is_return

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

product_categories as (

    select * from {{ ref('int_product_categories') }}

),

basket_lines as (

    select
        order_lines.order_id,
        product_categories.category_number,
        sum(order_lines.net_revenue) as net_revenue
    from order_lines
    inner join product_categories
        on order_lines.product_id = product_categories.product_id
    group by
        order_lines.order_id,
        product_categories.category_number

)

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.order_date,
    basket_lines.category_number,
    cast(basket_lines.net_revenue as decimal(18, 2)) as net_revenue
from basket_lines
inner join orders
    on basket_lines.order_id = orders.order_id
