{#- Discrete percentile of an expression, as an aggregate: always a value that occurs, so equal
    values stay on the same side of it. `fraction` lies between 0 and 1. Standard SQL, which DuckDB,
    Postgres and Spark share; the one place to change for an engine that does not. -#}
{% macro percentile(expression, fraction) -%}
    percentile_disc({{ fraction }}) within group (order by {{ expression }})
{%- endmacro %}
