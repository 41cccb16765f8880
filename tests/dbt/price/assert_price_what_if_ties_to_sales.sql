with what_if as (

    select * from {{ ref('price_what_if') }}

),

-- What a product is twice is told of by its own test.
products as (

    select distinct
        product_id,
        category
    from {{ ref('dim_products') }}

),

category_sales as (

    select
        products.category,
        sum(order_lines.net_revenue) as net_revenue
    from {{ ref('fct_order_lines') }} as order_lines
    inner join products
        on order_lines.product_id = products.product_id
    cross join {{ ref('as_of') }} as as_of
    where
        order_lines.customer_id is not null
        and order_lines.line_type = 'product'
        and order_lines.quantity > 0
        and order_lines.net_revenue > 0
        and order_lines.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
    group by products.category

),

category_what_if as (

    select
        category,
        price_change,
        sum(base_net_revenue) as base_net_revenue
    from what_if
    group by
        category,
        price_change

)

select
    category_what_if.category,
    category_what_if.price_change
from category_what_if
left join category_sales
    on category_what_if.category = category_sales.category
where
    category_sales.category is null
    or abs(category_what_if.base_net_revenue - category_sales.net_revenue) > 0.02

union all

select
    category,
    price_change
from what_if
where
    (price_change = 0 and expected_net_revenue <> base_net_revenue)
    or expected_units not between expected_units_low and expected_units_high
    or expected_margin not between expected_margin_low and expected_margin_high
