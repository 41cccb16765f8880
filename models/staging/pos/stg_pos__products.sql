with accepted_rows as (

    select * from {{ ref('base_pos__products') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        product_id,
        product_name,
        brand,
        brand_type,
        manufacturer_id,
        department,
        category,
        subcategory,
        package_size,
        unit_cost,
        list_price
    from accepted_rows

)

select * from cleaned
