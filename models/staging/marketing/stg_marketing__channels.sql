{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'channels') }},

cleaned as (

    select
        channel_id,
        channel_name,
        channel_type,
        is_online,
        daily_capacity
    from visible_rows

)

select * from cleaned
