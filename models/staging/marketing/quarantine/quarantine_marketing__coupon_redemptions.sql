{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_marketing__coupon_redemptions') }}
where row_outcome = 'quarantined'
