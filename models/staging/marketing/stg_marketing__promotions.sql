{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'promotions') }},

cleaned as (

    select
        product_id,
        store_id,
        week_start_date,
        display_location,
        mailer_location
    from visible_rows

)

select * from cleaned
