{#- Landing tables whose counts, of an earlier build of the calling model, still hold. A year of
    promotions is 20 million rows that rarely change: to count them every day takes longer than any
    other model. -#}
{% macro counted_before(counts) -%}
    {{ return(adapter.dispatch("counted_before", "customer_lifecycle")(counts)) }}
{%- endmacro %}

{% macro default__counted_before(counts) -%}
    {{ return([]) }}
{%- endmacro %}

{% macro duckdb__counted_before(counts) -%}
    {%- set existing = load_relation(counts) if execute -%}
    {%- if not existing or "counted_for" not in (
        adapter.get_columns_in_relation(existing) | map(attribute="name")
    ) -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set that_hold -%}
        {%- for table_name in landing_contract() %}
            select '{{ table_name }}' as table_name
            where exists (
                select 1 from {{ existing }}
                where
                    table_name = '{{ table_name }}'
                    and counted_for = {{ count_state(table_name) }}
            )
            {{ "union all" if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {{ return(run_query(that_hold).columns[0].values() | list) }}
{%- endmacro %}

{#- What the count of a landing table's outcomes depends on: its rows, by their fingerprint; the view
    that judges them; and the day of landing, where the view asks for it. Null where others judge them
    too, whose fingerprints are others. -#}
{% macro count_state(table_name) -%}
    {{ return(adapter.dispatch("count_state", "customer_lifecycle")(table_name)) }}
{%- endmacro %}

{% macro default__count_state(table_name) -%}
    cast(null as string)
{%- endmacro %}

{% macro duckdb__count_state(table_name) -%}
    {%- set base = "base_" ~ table_name | replace(".", "__") -%}
    {%- set relation = ref(base) -%}
    {%- set own = [
        "source." ~ project_name ~ "." ~ table_name,
        "source." ~ project_name ~ ".landing.manifest",
    ] -%}
    {%- set node = graph.nodes["model." ~ project_name ~ "." ~ base] if execute -%}
    {%- if not node or node.depends_on.nodes | reject("in", own) | list -%}
        cast(null as string)
    {%- else -%}
        (
            select
                md5(concat_ws(
                    '|',
                    manifest.fingerprint,
                    case when contains(views.sql, 'landed_on') then manifest.landed_on end,
                    views.sql
                ))
            from {{ source("landing", "manifest") }} as manifest
            inner join duckdb_views() as views
                on
                    views.database_name = '{{ relation.database }}'
                    and views.schema_name = '{{ relation.schema }}'
                    and views.view_name = '{{ relation.identifier }}'
            where manifest.table_name = '{{ table_name }}'
        )
    {%- endif -%}
{%- endmacro %}
