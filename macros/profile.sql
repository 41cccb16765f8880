{#- What customers are told apart by in the profile of the base: the attribute, and the column of
    int_profile_customers that has it. -#}
{% macro base_profile_attributes() -%}
    {{ return({
        "age_band": "age_band",
        "gender": "gender",
        "income_band": "income_band",
        "occupation": "occupation",
        "education": "education",
        "marital_status": "marital_status",
        "household_size": "household_size",
        "household_composition": "household_composition",
        "children_count": "children_count",
        "home_ownership": "home_ownership",
        "country": "country",
        "region": "region",
        "city_tier": "city_tier",
        "city": "city",
        "registration_year": "registration_year",
        "acquisition_channel": "acquisition_channel_id",
        "preferred_channel": "preferred_channel_id",
        "main_sales_channel": "main_sales_channel_id",
        "marketing_consent": "marketing_consent",
    }) }}
{%- endmacro %}

{#- What is in a profile besides: counted as filled or not, and never shown. -#}
{% macro record_only_attributes() -%}
    {{ return(
        ["full_name", "email", "phone", "postal_code", "birth_date", "household_id", "referrer"]
    ) }}
{%- endmacro %}

{#- Attributes whose history is kept, with the column of dim_customers_history. -#}
{% macro dated_attributes() -%}
    {%- set columns = {
        "household_id": "household_id",
        "referrer": "referrer_customer_id",
        "registration_year": "registered_date",
        "marketing_consent": "has_marketing_consent",
    } -%}
    {%- for attribute, column in base_profile_attributes().items() -%}
        {%- if column in profile_attributes() -%}
            {%- do columns.update({attribute: column}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#- Texts that stand for no value: the seed's, and the word that dbt reads as nothing in a seed. -#}
{% macro texts_without_value() -%}
    select * from {{ ref("unknown_values") }}

    union

    select
        'null' as value,
        cast(null as {{ dbt.type_string() }}) as except_for
{%- endmacro %}

{#- The first whole number in a text; null without one. -#}
{% macro leading_number(expression) -%}
    {{ return(adapter.dispatch("leading_number")(expression)) }}
{%- endmacro %}

{% macro default__leading_number(expression) -%}
    cast(nullif(regexp_extract(replace({{ expression }}, ',', ''), '[0-9]+', 0), '') as double)
{%- endmacro %}

{% macro postgres__leading_number(expression) -%}
    cast(substring(replace({{ expression }}, ',', '') from '[0-9]+') as double precision)
{%- endmacro %}

{#- The band of an age in years; null where nobody is so old. -#}
{% macro age_band(age) -%}
    {%- set starts = var("profile_age_band_starts") -%}
    case
        when {{ age }} < 0 or {{ age }} > {{ var("profile_max_age") }} then null
        {% for start in starts %}
            when {{ age }} < {{ start }}
                then '{{ "under " ~ start if loop.first
                    else starts[loop.index0 - 1] ~ "-" ~ ((start | int) - 1) }}'
        {% endfor %}
        when {{ age }} >= {{ starts | last }} then '{{ starts | last }}+'
    end
{%- endmacro %}

{#- How many digits a text has. -#}
{% macro digits_in(expression) -%}
    length({{ expression }}) - length(translate({{ expression }}, '0123456789', ''))
{%- endmacro %}

{#- The band of an income; a small number is the code of a band, and stays. -#}
{% macro income_band(income) -%}
    {%- set width = var("profile_income_band_width") | int -%}
    {%- set start = width ~ " * cast(floor(" ~ income ~ " / " ~ width ~ ") as bigint)" -%}
    case
        when {{ income }} < {{ width }} / 10.0e0
            then cast(cast({{ income }} as bigint) as {{ dbt.type_string() }})
        else concat({{ start }}, '-', {{ start }} + {{ width - 1 }})
    end
{%- endmacro %}

{#- What customers do besides buying, and what is sent to them: columns of customer_engagement. -#}
{% macro engagement_kinds() -%}
    {{ return([
        "visits", "app_opens", "messages_sent", "messages_opened", "messages_clicked", "reviews",
        "service_contacts", "coupon_redemptions", "other_activities"
    ]) }}
{%- endmacro %}
