{#- Grains of a period: the step to the next one, in months or days. -#}
{% macro period_grains() -%}
    {{ return([
        {"grain": "week", "unit": "day", "step": 7},
        {"grain": "month", "unit": "month", "step": 1},
        {"grain": "quarter", "unit": "month", "step": 3},
    ]) }}
{%- endmacro %}
