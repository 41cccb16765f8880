{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('loyalty', 'points') }},

cleaned as (

    select
        entry_id,
        account_id,
        entry_type,
        points,
        entered_at,
        order_id,
        available_on,
        case
            when expires_on < cast(entered_at as date) then null
            else expires_on
        end as expires_on,
        case
            when lot_entry_id = entry_id then null
            else lot_entry_id
        end as lot_entry_id,
        cost_amount,
        external_id
    from visible_rows

)

select * from cleaned
