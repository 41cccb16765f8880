select *
from {{ ref('base_marketing__campaign_targets') }}
where row_outcome = 'quarantined'
