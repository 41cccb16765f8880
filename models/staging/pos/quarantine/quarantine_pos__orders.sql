select *
from {{ ref('base_pos__orders') }}
where row_outcome = 'quarantined'
