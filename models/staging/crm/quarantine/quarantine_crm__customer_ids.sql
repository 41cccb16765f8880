{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_crm__customer_ids') }}
where row_outcome = 'quarantined'
