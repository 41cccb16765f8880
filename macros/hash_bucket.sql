{#- One of 4,096 buckets by the hash of a key: to sample whole buckets, the same ones in every
    run. -#}
{% macro hash_bucket(key) -%}
    substring({{ dbt.hash(key) }}, 1, 3)
{%- endmacro %}
