select *
from {{ ref('base_loyalty__accounts') }}
where row_outcome = 'quarantined'
