{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'touchpoints') }},

cleaned as (

    select
        touchpoint_id,
        customer_id,
        channel_id,
        touched_at,
        touch_type,
        campaign_id,
        session_id,
        cost_amount
    from visible_rows

)

select * from cleaned
