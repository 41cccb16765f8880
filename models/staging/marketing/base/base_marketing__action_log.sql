{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ audited_rows('marketing', 'action_log') }}

select * from outcomes
