{#- The ways in which customers are segmented, each with the column that holds the segment. -#}
{% macro segment_schemes() -%}
    {{ return({
        "behavioural": "behavioural_segment",
        "demographic": "demographic_segment",
        "value_tier": "value_tier",
        "benefit": "benefit_segment",
        "loyalty": "loyalty_segment",
    }) }}
{%- endmacro %}

{#- What is measured of the shopping of a customer. -#}
{% macro segment_features() -%}
    {{ return([
        "item_value", "basket_size", "breadth", "discount_share", "private_label_share",
        "fresh_share", "weekend_share", "evening_share", "online_share", "service_contacts",
    ]) }}
{%- endmacro %}
