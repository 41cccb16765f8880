{#- When customers first bought of the departments that most customers buy of. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        customer_id is not null
        and line_type = 'product'
        and not is_return

),

products as (

    select
        product_id,
        min(coalesce(department, category)) as department
    from {{ ref('dim_products') }}
    group by product_id

),

bought as (

    select
        order_lines.customer_id,
        products.department,
        min(order_lines.order_date) as first_bought_date
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    where products.department is not null
    group by
        order_lines.customer_id,
        products.department

),

ranked as (

    select
        department,
        row_number() over (order by count(*) desc, department) as department_rank
    from bought
    group by department

)

select
    bought.customer_id,
    bought.department,
    bought.first_bought_date
from bought
inner join ranked
    on bought.department = ranked.department
where ranked.department_rank <= {{ var('campaign_departments') }}
