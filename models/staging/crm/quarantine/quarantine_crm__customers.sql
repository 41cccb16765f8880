select *
from {{ ref('base_crm__customers') }}
where row_outcome = 'quarantined'
