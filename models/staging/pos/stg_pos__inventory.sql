{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('pos', 'inventory') }},

cleaned as (

    select
        store_id,
        product_id,
        inventory_date,
        units_on_hand,
        units_on_order,
        stock_value
    from visible_rows

)

select * from cleaned
