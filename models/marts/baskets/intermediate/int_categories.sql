with product_categories as (

    select * from {{ ref('int_product_categories') }}

)

select distinct
    category_number,
    category,
    category_level
from product_categories
