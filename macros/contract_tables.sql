{#- Every table of the landing contract. -#}
{% macro contract_tables() -%}
    {{ return([
        ("pos", "orders"),
        ("pos", "order_lines"),
        ("pos", "products"),
        ("pos", "stores"),
        ("crm", "customers"),
        ("marketing", "channels"),
        ("marketing", "campaigns"),
        ("marketing", "campaign_targets"),
        ("marketing", "touchpoints"),
        ("marketing", "coupon_redemptions"),
        ("marketing", "promotions"),
        ("marketing", "channel_costs"),
        ("loyalty", "accounts"),
        ("loyalty", "points"),
        ("service", "surveys"),
        ("service", "tickets"),
    ]) }}
{%- endmacro %}
