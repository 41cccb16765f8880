{#- Products that were sold but have no master data keep their row, marked as not known. -#}
with products as (

    select * from {{ ref('stg_pos__products') }}

),

order_lines as (

    select * from {{ ref('stg_pos__order_lines') }}

),

product_ids as (

    select product_id from products

    union distinct

    select product_id from order_lines
    where product_id is not null

)

select
    product_ids.product_id,
    products.product_id is not null as is_known,
    products.product_name,
    products.brand,
    products.brand_type,
    products.manufacturer_id,
    products.department,
    products.category,
    products.subcategory,
    products.package_size,
    products.unit_cost,
    products.list_price
from product_ids
left join products
    on product_ids.product_id = products.product_id
