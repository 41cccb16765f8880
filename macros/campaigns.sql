{#- Outcomes that a campaign with a group held back is measured on; the first are also looked at by
    segment. -#}
{% macro campaign_outcomes(kind='all') -%}
    {%- set by_segment = ['visited', 'bought', 'orders', 'revenue'] -%}
    {%- set whole = ['contribution', 'satisfaction', 'registered'] -%}
    {{ return(by_segment if kind == 'by_segment' else by_segment + whole) }}
{%- endmacro %}

{#- A customer's bucket of so many, by the hash of a key: the same in every run. -#}
{% macro campaign_bucket(key, buckets) -%}
    mod(ascii(substring({{ dbt.hash(key) }}, 1, 1)) * 169
        + ascii(substring({{ dbt.hash(key) }}, 2, 1)) * 13
        + ascii(substring({{ dbt.hash(key) }}, 3, 1)), {{ buckets }})
{%- endmacro %}
