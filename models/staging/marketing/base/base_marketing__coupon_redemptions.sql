{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ audited_rows('marketing', 'coupon_redemptions') }}

select * from outcomes
