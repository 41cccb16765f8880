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
        {% do run_query('create schema if not exists ' ~ table.schema) %}
        {% do adapter.dispatch("create_missing_table", "customer_lifecycle")(
            table.schema ~ '.' ~ table.identifier, table.columns.values() | list
        ) %}
    {% endfor %}
{% endif %}
{% endmacro %}

{% macro default__create_missing_table(relation, columns) %}
    {% set definitions, statements = [], [] %}
    {% for column in columns %}
        {% set definition = column.name ~ ' ' ~ column.data_type %}
        {% do definitions.append(definition) %}
        {% do statements.append(
            'alter table ' ~ relation ~ ' add column if not exists ' ~ definition
        ) %}
    {% endfor %}
    {% do run_query('create table if not exists ' ~ relation ~ ' (' ~ definitions | join(', ') ~ ')') %}
    {% do run_query(statements | join('; ')) %}
{% endmacro %}

{#- What studies found is read there from Parquet files, if there are any. -#}
{% macro spark__create_missing_table(relation, columns) %}
    {% set definitions = [] %}
    {% for column in columns %}
        {% do definitions.append(column.name ~ ' ' ~ spark_type(column.data_type)) %}
    {% endfor %}
    {% do run_query('drop table if exists ' ~ relation) %}
    {% do run_query(
        'create table ' ~ relation ~ ' (' ~ definitions | join(', ') ~ ') using parquet location "'
        ~ spark_home() ~ '/spark/studies/' ~ relation.replace('.', '/') ~ '"'
    ) %}
{% endmacro %}
