{#- Recounted by the steps that name categories, which only the domain may read. -#}
{{ config(group="baskets") }}

with suggestions as (

    select * from {{ ref('customer_next_category') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

bought as (

    select distinct
        orders.customer_id,
        categories.category
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('fct_orders') }} as orders
        on order_lines.order_id = orders.order_id
    inner join {{ ref('int_product_categories') }} as categories
        on order_lines.product_id = categories.product_id
    where
        orders.is_purchase
        and order_lines.line_type = 'product'
        and not order_lines.is_return

),

compared as (

    select
        suggestions.*,
        lag(suggestions.score) over (
            partition by suggestions.customer_id, suggestions.kind
            order by suggestions.suggestion_rank
        ) as score_before,
        bought.customer_id is not null as is_bought
    from suggestions
    left join bought
        on
            suggestions.customer_id = bought.customer_id
            and suggestions.category = bought.category

),

counted as (

    select
        customer_id,
        count(*) as places,
        count(distinct category) as categories,
        count(category) as filled
    from suggestions
    group by customer_id

)

select customer_id
from compared
where
    (score is null) <> (category is null)
    or (suggestion_rank > 1 and score is not null and score_before is null)
    or score > score_before
    or (category is not null and is_bought <> (kind = 'again'))

union all

select customers.customer_id
from customers
left join counted
    on customers.customer_id = counted.customer_id
where
    counted.customer_id is null
    or counted.places <> 6
    or counted.categories <> counted.filled
