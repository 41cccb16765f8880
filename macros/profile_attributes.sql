{#- Attributes of a customer profile that marts show and whose history is kept. -#}
{% macro profile_attributes() -%}
    {{ return([
        "household_id",
        "registered_at",
        "age_band",
        "gender",
        "income_band",
        "occupation",
        "marital_status",
        "home_ownership",
        "household_size",
        "household_composition",
        "children_count",
        "city",
        "city_tier",
        "region",
        "acquisition_channel_id",
        "preferred_channel_id",
        "referrer_customer_id",
        "has_marketing_consent",
    ]) }}
{%- endmacro %}
