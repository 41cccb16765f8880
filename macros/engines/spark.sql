{#- What landed is read where it lies, with what its files know of their rows. -#}
{% macro spark__make_up_for_engine() %}
    {% for source in graph.sources.values() if source.meta.landing_path is defined %}
        {% set path = spark_home() ~ "/landing/" ~ source.meta.landing_path ~ ".parquet" %}
        {% do run_query("create schema if not exists " ~ source.schema) %}
        {% do run_query(
            "create or replace view " ~ source.schema ~ "." ~ source.identifier ~ " as select *, "
            ~ "replace(_metadata.file_name, '.parquet', '') as landed_batch, "
            ~ "_metadata.row_index as landed_row_number from parquet.`" ~ path ~ "`"
        ) %}
    {% endfor %}
    {#- The history of customers outlives the tables of Spark. What a run left under the other name is newer
        than what was kept (spark_snapshot.sql). -#}
    {% set kept = env_var("LIFECYCLE_KEPT_SNAPSHOT", "") %}
    {% set staged = api.Relation.create(schema="snapshots", identifier="customers_snapshot__staged", type="table") %}
    {% if kept and not load_relation(staged) %}
        {% do run_query("create schema if not exists snapshots") %}
        {% do run_query(
            "create table if not exists snapshots.customers_snapshot using parquet "
            ~ "as select * from parquet.`" ~ kept ~ "`"
        ) %}
        {#- dbt has listed what there is before this. -#}
        {% do adapter.cache_added(
            api.Relation.create(schema="snapshots", identifier="customers_snapshot", type="table")
        ) %}
    {% endif %}
{% endmacro %}

{#- Spark reads a relative path from where its own tables are. -#}
{% macro spark_home() -%}
    {%- set home = env_var("LIFECYCLE_HOME", "data") -%}
    {%- if not home.startswith("/") -%}
        {{ exceptions.raise_compiler_error(
            "LIFECYCLE_HOME is " ~ home ~ ": on Spark it has to be an absolute path"
        ) }}
    {%- endif -%}
    {{ return(home) }}
{%- endmacro %}

{#- dbt's own has no order there. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }}) within group ({{ order_by_clause or "order by " ~ measure }})
{%- endmacro %}

{#- Contracts and declared tables say varchar, which Spark calls string. -#}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set named = {} -%}
    {%- for key, column in columns.items() -%}
        {%- do named.update({key: dict(column, data_type=spark_type(column.data_type))}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(named)) }}
{%- endmacro %}

{% macro spark_type(data_type) -%}
    {{ return("string" if data_type == "varchar" else data_type) }}
{%- endmacro %}

{#- dbt's own binds texts without escaping their quotes. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model["config"].get("column_types", {}) -%}
    {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
        {%- set statement -%}
            insert into {{ this.render() }} values
            {% for row in rows -%}
                (
                {%- for name in agate_table.column_names -%}
                    {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
                    cast({{ spark_literal(row[name]) }} as {{ type }}){{ ", " if not loop.last }}
                {%- endfor -%}
                ){{ ", " if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro spark_literal(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ (value | string).replace("\\", "\\\\").replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}

{#- dbt's own stop at a null. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), cast({{ from_date_or_timestamp }} as timestamp))
{%- endmacro %}

{#- Borders of the unit between two moments, as on other engines. -#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == "day" -%}
        cast(date_diff(cast({{ second_date }} as date), cast({{ first_date }} as date)) as bigint)
    {%- elif datepart == "month" -%}
        cast(
            12 * (year({{ second_date }}) - year({{ first_date }}))
            + month({{ second_date }}) - month({{ first_date }}) as bigint
        )
    {%- elif datepart == "year" -%}
        cast(year({{ second_date }}) - year({{ first_date }}) as bigint)
    {%- elif datepart == "week" -%}
        cast(
            date_diff(
                cast(date_trunc('week', {{ second_date }}) as date),
                cast(date_trunc('week', {{ first_date }}) as date)
            ) / 7 as bigint
        )
    {%- elif datepart in ["hour", "minute", "second"] -%}
        timestampdiff(
            {{ datepart }},
            date_trunc('{{ datepart }}', {{ first_date }}),
            date_trunc('{{ datepart }}', {{ second_date }})
        )
    {%- else -%}
        {{ exceptions.raise_compiler_error("datediff by " ~ datepart ~ " is not written for Spark") }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}
