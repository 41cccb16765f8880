select *
from {{ ref('base_marketing__channels') }}
where row_outcome = 'quarantined'
