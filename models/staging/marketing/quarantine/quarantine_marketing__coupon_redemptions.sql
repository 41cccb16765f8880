select *
from {{ ref('base_marketing__coupon_redemptions') }}
where row_outcome = 'quarantined'
