with accounts as (

    select account_id
    from {{ ref('base_loyalty__accounts') }}
    where row_outcome = 'accepted'

),

{% call audited_rows('loyalty', 'points', rules={
    "unknown_account": "rows_landed.account_id is not null and accounts.account_id is null",
}) %}
    left join accounts
        on rows_landed.account_id = accounts.account_id
{% endcall %}

select * from outcomes
