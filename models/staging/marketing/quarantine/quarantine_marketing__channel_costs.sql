select *
from {{ ref('base_marketing__channel_costs') }}
where row_outcome = 'quarantined'
