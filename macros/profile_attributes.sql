{#- Attributes of a customer profile that marts show and whose history is kept. -#}
{% macro profile_attributes() -%}
    {{ return(landing_contract()["crm.customers"].history) }}
{%- endmacro %}
