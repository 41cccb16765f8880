{#- Attributes of a customer profile that marts show and whose history is kept: what the contract has of a
    customer but the key, personal data and the dates of versions. -#}
{% macro profile_attributes() -%}
    {%- set contract = landing_contract()["crm.customers"] -%}
    {%- set hidden = contract.key + contract.personal + contract.known_from.values() | list -%}
    {{ return(contract.columns | reject("in", hidden + [contract.version_column]) | list) }}
{%- endmacro %}
