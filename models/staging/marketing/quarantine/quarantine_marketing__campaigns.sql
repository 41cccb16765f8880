select *
from {{ ref('base_marketing__campaigns') }}
where row_outcome = 'quarantined'
