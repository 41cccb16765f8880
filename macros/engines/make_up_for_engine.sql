{#- What models use of standard SQL's names and an engine lacks, made there once: a type, a function. -#}
{% macro make_up_for_engine() %}
    {% if execute %}
        {% do adapter.dispatch("make_up_for_engine", "customer_lifecycle")() %}
    {% endif %}
{% endmacro %}

{% macro default__make_up_for_engine() %}
{% endmacro %}
