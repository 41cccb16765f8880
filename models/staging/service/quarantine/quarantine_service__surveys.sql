select *
from {{ ref('base_service__surveys') }}
where row_outcome = 'quarantined'
