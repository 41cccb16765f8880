{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_marketing__action_log') }}
where row_outcome = 'quarantined'
