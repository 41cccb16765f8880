with accepted_rows as (

    select * from {{ ref('base_marketing__touchpoints') }}
    where row_outcome = 'accepted'

),

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
    from accepted_rows

)

select * from cleaned
