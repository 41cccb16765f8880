{% set amounts = [
    'gross_amount', 'loyalty_discount', 'promotion_discount', 'coupon_match_discount',
    'manufacturer_coupon_discount', 'net_revenue', 'amount_paid', 'contribution_amount'
] %}

with customer_totals as (

    select
        {% for amount in amounts %}
            coalesce(sum({{ amount }}), 0) as {{ amount }},
        {% endfor %}
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(valid_order_count), 0) as valid_order_count
    from {{ ref('customer_value') }}

),

order_totals as (

    select
        {% for amount in amounts %}
            coalesce(sum({{ amount }}), 0) as {{ amount }},
            coalesce(sum(case when customer_id is null then {{ amount }} end), 0)
                as anonymous_{{ amount }},
        {% endfor %}
        count(*) as order_count,
        count(*) - count(customer_id) as anonymous_order_count,
        count(case when is_valid_order then order_id end) as valid_order_count,
        count(case when is_valid_order and customer_id is null then order_id end)
            as anonymous_valid_order_count
    from {{ ref('fct_orders') }}

)

select
    {% for amount in amounts %}
        order_totals.{{ amount }}
        - order_totals.anonymous_{{ amount }}
        - customer_totals.{{ amount }} as {{ amount }}_missing,
    {% endfor %}
    order_totals.order_count
    - order_totals.anonymous_order_count
    - customer_totals.order_count as orders_missing
from order_totals
cross join customer_totals
where
    {% for amount in amounts %}
        order_totals.{{ amount }}
        <> order_totals.anonymous_{{ amount }} + customer_totals.{{ amount }}
        or
    {% endfor %}
    order_totals.order_count
    <> order_totals.anonymous_order_count + customer_totals.order_count
    or order_totals.valid_order_count
    <> order_totals.anonymous_valid_order_count + customer_totals.valid_order_count
