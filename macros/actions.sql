{#- A whole number from 0 to below `buckets` by the hash of a key: the same in every run, and as likely as
    any other. Of seven hexadecimal digits, which any database can add up. -#}
{% macro hash_number(key, buckets) -%}
    mod(
        {%- for place in range(7) %}
        ({{ dbt.position("substring(" ~ dbt.hash(key) ~ ", " ~ (place + 1) ~ ", 1)", "'0123456789abcdef'") }} - 1)
        * {{ 16 ** (6 - place) }}{{ " +" if not loop.last }}
        {%- endfor %},
        {{ buckets }}
    )
{%- endmacro %}

{#- Facts about a customer that the rules of actions may name, and whether each is a text or a number. -#}
{% macro action_facts() -%}
    {{ return({
        "lifecycle_stage": "text",
        "value_tier": "text",
        "churn_band": "text",
        "purchases": "number",
        "days_since_purchase": "number",
        "days_known": "number",
        "gap_multiple": "number",
        "days_to_birthday": "number",
        "days_to_holiday": "number",
        "categories_due": "number",
        "categories_to_offer": "number",
        "tier_gap_share": "number",
        "points_expiring": "number",
        "is_to_be_called": "number",
        "is_won_back_by_something": "number",
    }) }}
{%- endmacro %}

{#- What an action may change. -#}
{% macro action_outcomes() -%}
    {{ return(["orders", "revenue", "contribution"]) }}
{%- endmacro %}
