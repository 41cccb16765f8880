{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
{{ config(schema='restricted') }}

with {{ audited_rows('service', 'surveys') }}

select * from outcomes
