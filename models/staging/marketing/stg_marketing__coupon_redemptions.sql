{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'coupon_redemptions') }},

cleaned as (

    select
        redemption_id,
        customer_id,
        coupon_id,
        campaign_id,
        channel_id,
        redeemed_on,
        case
            when cast(redeemed_at as date) <> redeemed_on then null
            else redeemed_at
        end as redeemed_at,
        order_id,
        discount_amount
    from visible_rows

)

select * from cleaned
