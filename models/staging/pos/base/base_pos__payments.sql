{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with orders as (

    select
        order_id,
        count(case when row_outcome = 'accepted' then 1 end) as accepted_rows
    from {{ ref('base_pos__orders') }}
    group by order_id

),

{% call audited_rows('pos', 'payments', rules={
    "unknown_order": "rows_landed.order_id is not null and orders.order_id is null",
    "order_in_quarantine": "orders.accepted_rows = 0",
}) %}
    left join orders
        on rows_landed.order_id = orders.order_id
{% endcall %}

select * from outcomes
