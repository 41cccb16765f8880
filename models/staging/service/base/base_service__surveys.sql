{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ audited_rows('service', 'surveys') }}

select * from outcomes
