{#- What customers bought of each category in the last year, which a change of prices would
    change. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and quantity > 0
        and net_revenue > 0
        and customer_id is not null

),

products as (

    select * from {{ ref('dim_products') }}
    where category is not null

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    order_lines.customer_id,
    products.category,
    sum(order_lines.quantity) as units,
    sum(order_lines.net_revenue) as net_revenue,
    sum(order_lines.cost_amount) as cost_amount,
    sum(case when order_lines.cost_amount is not null then order_lines.net_revenue else 0 end)
        as costed_net_revenue
from order_lines
inner join products
    on order_lines.product_id = products.product_id
cross join as_of
where order_lines.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
group by
    order_lines.customer_id,
    products.category
