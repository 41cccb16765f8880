{#- Creates the tables of studies, and of what is kept beside the warehouse, that do not exist yet, empty,
    from their declaration as sources. A build without a study then has zero scores instead of an error.
    A table of an older release gets the columns it lacks, null until the next scoring.

    Only `if not exists` and no look-up of what is there: dbt rolls back what a hook does after one. -#}
{% macro create_missing_study_tables() %}
{% if execute %}
    {% set made_here = [] %}
    {% for table in graph.sources.values() %}
        {% if table.source_meta.study is defined or table.source_meta.is_created_empty is defined %}
            {% do made_here.append(table) %}
        {% endif %}
    {% endfor %}
    {% for table in made_here %}
        {% set relation = table.schema ~ '.' ~ table.identifier %}
        {% set columns = [] %}
        {% set statements = [] %}
        {% for column in table.columns.values() %}
            {% set definition = column.name ~ ' ' ~ column.data_type %}
            {% do columns.append(definition) %}
            {% do statements.append(
                'alter table ' ~ relation ~ ' add column if not exists ' ~ definition
            ) %}
        {% endfor %}
        {% do run_query('create schema if not exists ' ~ table.schema) %}
        {% do run_query(
            'create table if not exists ' ~ relation ~ ' (' ~ columns | join(', ') ~ ')'
        ) %}
        {% do run_query(statements | join('; ')) %}
    {% endfor %}
{% endif %}
{% endmacro %}
