{#- States of an order that never becomes a sale, as a list for `in`. -#}
{% macro void_order_statuses() -%}
    ('cancelled', 'unavailable', 'test')
{%- endmacro %}
