{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('service', 'tickets') }},

cleaned as (

    select
        ticket_id,
        customer_id,
        opened_at,
        case
            when cast(first_answered_at as date) < cast(opened_at as date) then null
            else first_answered_at
        end as first_answered_at,
        resolved_at,
        closed_at,
        case
            when cast(reopened_at as date) < cast(opened_at as date) then null
            else reopened_at
        end as reopened_at,
        channel_id,
        ticket_type,
        reason_category,
        reason,
        cancellation_reason,
        case
            when handling_seconds < 0 then null
            else handling_seconds
        end as handling_seconds,
        order_id
    from visible_rows

)

select * from cleaned
