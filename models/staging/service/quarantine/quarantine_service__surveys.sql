{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
{{ config(schema='restricted') }}

select *
from {{ ref('base_service__surveys') }}
where row_outcome = 'quarantined'
