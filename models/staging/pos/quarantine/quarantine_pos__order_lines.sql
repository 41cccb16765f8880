select *
from {{ ref('base_pos__order_lines') }}
where row_outcome = 'quarantined'
