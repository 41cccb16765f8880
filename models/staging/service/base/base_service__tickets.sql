{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ audited_rows('service', 'tickets') }}

select * from outcomes
