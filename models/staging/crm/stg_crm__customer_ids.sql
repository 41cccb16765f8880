{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('crm', 'customer_ids') }},

cleaned as (

    select
        source_id,
        source_system,
        customer_id,
        linked_on
    from visible_rows

)

select * from cleaned
