select *
from {{ ref('base_marketing__promotions') }}
where row_outcome = 'quarantined'
