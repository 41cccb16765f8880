with {{ visible_rows(
    'pos', 'orders', never_counts='base_rows.order_status in ' ~ void_order_statuses()
) }},

cleaned as (

    select
        order_id,
        customer_id,
        ordered_at,
        cast(ordered_at as date) as order_date,
        store_id,
        channel_id,
        coalesce(order_status, 'completed') as order_status,
        order_type,
        original_order_id,
        fulfilled_at,
        shipping_amount,
        fulfilment_cost
    from visible_rows

)

select * from cleaned
