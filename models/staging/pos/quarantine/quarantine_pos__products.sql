select *
from {{ ref('base_pos__products') }}
where row_outcome = 'quarantined'
