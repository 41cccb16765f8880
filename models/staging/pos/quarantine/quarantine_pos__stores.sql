select *
from {{ ref('base_pos__stores') }}
where row_outcome = 'quarantined'
