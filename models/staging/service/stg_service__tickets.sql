with {{ visible_rows('service', 'tickets') }},

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
    from visible_rows

)

select * from cleaned
