{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_pos__inventory') }}
where row_outcome = 'quarantined'
