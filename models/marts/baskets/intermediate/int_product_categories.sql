{#- A retailer that names no categories is looked at by the level of its hierarchy that it does
    name. -#}
with products as (

    select * from {{ ref('dim_products') }}

),

levels as (

    select
        case
            when count(category) > 0 then 'category'
            when count(subcategory) > 0 then 'subcategory'
            when count(department) > 0 then 'department'
        end as category_level
    from products

),

named as (

    select
        products.product_id,
        levels.category_level,
        case levels.category_level
            when 'category' then products.category
            when 'subcategory' then products.subcategory
            when 'department' then products.department
        end as category
    from products
    cross join levels

)

select
    product_id,
    category_level,
    category,
    -- Pairs are counted by number: a text is slower to compare.
    cast(dense_rank() over (order by category) as integer) as category_number
from named
where category is not null
