with accepted_rows as (

    select * from {{ ref('base_marketing__coupon_redemptions') }}
    where row_outcome = 'accepted'

),

cleaned as (

    select
        redemption_id,
        customer_id,
        coupon_id,
        campaign_id,
        channel_id,
        redeemed_on,
        order_id,
        discount_amount
    from accepted_rows

)

select * from cleaned
