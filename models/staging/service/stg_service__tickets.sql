with accepted_rows as (

    select * from {{ ref('base_service__tickets') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        ticket_id,
        customer_id,
        opened_at,
        resolved_at,
        channel_id,
        ticket_type,
        reason_category,
        reason,
        handling_seconds,
        order_id
    from accepted_rows

)

select * from cleaned
