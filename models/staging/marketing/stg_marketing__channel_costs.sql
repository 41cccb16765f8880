{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'channel_costs') }},

cleaned as (

    select
        channel_id,
        cost_date,
        cost_type,
        cost_amount
    from visible_rows

)

select * from cleaned
