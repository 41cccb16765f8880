{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with accounts as (

    select
        account_id,
        count(case when row_outcome = 'accepted' then 1 end) as accepted_rows
    from {{ ref('base_loyalty__accounts') }}
    group by account_id

),

{% call audited_rows('loyalty', 'points', rules={
    "unknown_account": "rows_landed.account_id is not null and accounts.account_id is null",
    "account_in_quarantine": "accounts.accepted_rows = 0",
}) %}
    left join accounts
        on rows_landed.account_id = accounts.account_id
{% endcall %}

select * from outcomes
