{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
{{ config(schema='restricted') }}

with {{ audited_rows('loyalty', 'accounts') }}

select * from outcomes
