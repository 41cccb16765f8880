{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_marketing__channels') }}
where row_outcome = 'quarantined'
