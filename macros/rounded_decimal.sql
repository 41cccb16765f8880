{#- A quotient as a decimal of some places, halves away from zero. As a double 1854.30 / 60 is a hair below
    30.905: to its places at once it would be 30.90. -#}
{% macro rounded_decimal(expression, places=2) -%}
    cast(cast({{ expression }} as decimal(28, {{ places + 6 }})) as decimal(18, {{ places }}))
{%- endmacro %}
