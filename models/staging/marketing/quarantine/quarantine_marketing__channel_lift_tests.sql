{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
select *
from {{ ref('base_marketing__channel_lift_tests') }}
where row_outcome = 'quarantined'
