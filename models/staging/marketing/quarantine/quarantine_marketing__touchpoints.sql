{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_marketing__touchpoints') }}
where row_outcome = 'quarantined'
