{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with orders as (

    select * from {{ ref('stg_pos__orders') }}

),

{% call visible_rows('pos', 'order_lines') %}
    inner join orders
        on base_rows.order_id = orders.order_id
{% endcall %},

cleaned as (

    select
        order_line_id,
        order_id,
        product_id,
        store_id,
        line_type,
        quantity,
        net_revenue,
        gross_amount,
        loyalty_discount,
        promotion_discount,
        coupon_match_discount,
        manufacturer_coupon_discount,
        amount_paid,
        tax_amount,
        shipping_amount,
        cost_amount
    from visible_rows

)

select * from cleaned
