{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'prices') }},

cleaned as (

    select
        product_id,
        store_id,
        valid_from,
        valid_to,
        case
            when regular_price < 0 then null
            else regular_price
        end as regular_price,
        price,
        is_reduced
    from visible_rows

)

select * from cleaned
