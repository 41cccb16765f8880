select *
from {{ ref('base_service__tickets') }}
where row_outcome = 'quarantined'
