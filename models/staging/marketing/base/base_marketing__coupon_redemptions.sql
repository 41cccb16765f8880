with {{ audited_rows('marketing', 'coupon_redemptions') }}

select * from outcomes
