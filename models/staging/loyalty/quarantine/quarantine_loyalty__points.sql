select *
from {{ ref('base_loyalty__points') }}
where row_outcome = 'quarantined'
