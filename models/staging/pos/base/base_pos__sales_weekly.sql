{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ audited_rows('pos', 'sales_weekly') }}

select * from outcomes
