{#- The one step that reads lines: what customers bought of each category in either window, for the
    breadth and shares of customers and the top categories of segments. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and not is_return

),

orders as (

    select * from {{ ref('int_segment_orders') }}

),

products as (

    select
        product_id,
        brand_type,
        department,
        category,
        {{ is_fresh_department('department') }} as is_fresh
    from {{ ref('dim_products') }}

)

select
    orders.customer_id,
    products.department,
    products.category,
    orders.is_in_current,
    orders.is_in_earlier,
    count(*) as line_count,
    sum(order_lines.net_revenue) as net_revenue,
    count(order_lines.gross_amount) as priced_lines,
    sum(case when order_lines.gross_amount > order_lines.net_revenue then 1 else 0 end)
        as discounted_lines,
    count(products.brand_type) as branded_lines,
    sum(case when products.brand_type = 'private' then 1 else 0 end) as private_label_lines,
    count(products.is_fresh) as department_lines,
    sum(case when products.is_fresh then 1 else 0 end) as fresh_lines
from order_lines
inner join orders
    on order_lines.order_id = orders.order_id
left join products
    on order_lines.product_id = products.product_id
group by
    orders.customer_id,
    products.department,
    products.category,
    orders.is_in_current,
    orders.is_in_earlier
