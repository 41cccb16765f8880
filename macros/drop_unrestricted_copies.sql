{#- What stands outside its schema under the name of a model with personal columns, as a release that had
    no such schema left it, would go on showing them to whoever may read the others.

    No look-up of what is there: dbt rolls back what a hook does after one. -#}
{% macro drop_unrestricted_copies() %}
{% if execute and target.type == 'duckdb' %}
    {% for node in graph.nodes.values() if node.schema == 'restricted' %}
        {% do run_query('drop view if exists ' ~ node.database ~ '.staging.' ~ node.name) %}
    {% endfor %}
{% endif %}
{% endmacro %}
