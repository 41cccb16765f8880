{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_pos__sales_weekly') }}
where row_outcome = 'quarantined'
