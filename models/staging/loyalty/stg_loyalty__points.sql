with {{ visible_rows('loyalty', 'points') }},

cleaned as (

    select
        entry_id,
        account_id,
        entry_type,
        points,
        entered_at,
        order_id,
        expires_on
    from visible_rows

)

select * from cleaned
