{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

{% call visible_rows('pos', 'payments') %}
    inner join orders
        on base_rows.order_id = orders.order_id
{% endcall %},

cleaned as (

    select
        order_id,
        payment_sequence,
        payment_method,
        case
            when instalments < 0 then null
            else instalments
        end as instalments,
        paid_amount
    from visible_rows

)

select * from cleaned
