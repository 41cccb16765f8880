{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('pos', 'products') }},

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
    from visible_rows

)

select * from cleaned
