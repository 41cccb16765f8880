{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows(
    'pos', 'orders',
    never_counts="base_rows.order_status in ('cancelled', 'unavailable', 'test')"
) }},

cleaned as (

    select
        order_id,
        customer_id,
        ordered_at,
        store_id,
        channel_id,
        coalesce(order_status, 'completed') as order_status,
        order_type,
        original_order_id,
        case
            when cast(promised_at as date) < cast(ordered_at as date) then null
            else promised_at
        end as promised_at,
        case
            when cast(approved_at as date) < cast(ordered_at as date) then null
            else approved_at
        end as approved_at,
        case
            when cast(shipped_at as date) < cast(ordered_at as date) then null
            else shipped_at
        end as shipped_at,
        case
            when cast(fulfilled_at as date) < cast(ordered_at as date) then null
            else fulfilled_at
        end as fulfilled_at,
        case
            when cast(cancelled_at as date) < cast(ordered_at as date) then null
            else cancelled_at
        end as cancelled_at,
        cancel_reason,
        ship_country,
        shipping_amount,
        fulfilment_cost,
        cast(ordered_at as date) as order_date
    from visible_rows

)

select * from cleaned
