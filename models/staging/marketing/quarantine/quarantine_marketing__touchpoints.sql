select *
from {{ ref('base_marketing__touchpoints') }}
where row_outcome = 'quarantined'
