{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('pos', 'stores') }},

cleaned as (

    select
        store_id,
        store_name,
        store_format,
        city,
        city_tier,
        region,
        time_zone,
        opened_on,
        closed_on,
        sales_area_sqm
    from visible_rows

)

select * from cleaned
