{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_pos__payments') }}
where row_outcome = 'quarantined'
