with {{ visible_rows('marketing', 'coupon_redemptions') }},

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
    from visible_rows

)

select * from cleaned
