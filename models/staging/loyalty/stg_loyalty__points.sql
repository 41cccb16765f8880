with accepted_rows as (

    select * from {{ ref('base_loyalty__points') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        entry_id,
        account_id,
        entry_type,
        points,
        entered_at,
        order_id,
        expires_on
    from accepted_rows

)

select * from cleaned
