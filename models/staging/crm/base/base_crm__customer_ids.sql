{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ audited_rows('crm', 'customer_ids') }}

select * from outcomes
