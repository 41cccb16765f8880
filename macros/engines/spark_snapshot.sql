{#- A snapshot by the strategy `check` in plain Parquet, which dbt's own needs Delta for: the versions
    kept, of which those that changed end now, and the new ones, are written anew and then change places
    with what was there. Rows that are gone are kept. -#}
{% materialization snapshot, adapter="spark" %}
    {%- set key = config.get("unique_key") -%}
    {%- set now = "cast('" ~ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") ~ "' as timestamp)" -%}
    {%- set target_relation = api.Relation.create(schema=schema, identifier=model["alias"], type="table") -%}
    {%- set staged = api.Relation.create(schema=schema, identifier=model["alias"] ~ "__staged", type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {#- A run that was stopped between dropping and renaming has left all versions under the other name. -#}
    {%- if load_relation(staged) and not load_relation(target_relation) -%}
        {%- do adapter.rename_relation(staged, target_relation) -%}
    {%- endif -%}
    {%- do adapter.drop_relation(staged) -%}
    {%- set kept = load_relation(target_relation) -%}

    {% call statement("main") -%}
        create table {{ staged }} using parquet as
        with seen as (

            {{ model["compiled_code"] }}

        ){% if not kept %}

        select seen.*, {{ new_version("seen", key, now) }} from seen

        {%- else %},
        {%- set columns = [] %}
        {%- for column in adapter.get_columns_in_relation(kept) if not column.name.startswith("dbt_") %}
            {%- do columns.append(column.name) %}
        {%- endfor %}

        versions as (

            select * from {{ kept }}

        ),

        compared as (

            select
                seen.*,
                versions.{{ key }} is not null as is_kept,
                {% for column in config.get("check_cols") -%}
                    seen.{{ column }} is distinct from versions.{{ column }}{{ " or " if not loop.last }}
                {%- endfor %} as is_changed
            from seen
            left join versions
                on
                    seen.{{ key }} = versions.{{ key }}
                    and versions.dbt_valid_to is null

        )

        select
            versions.{{ columns | join(", versions.") }},
            versions.dbt_scd_id,
            versions.dbt_updated_at,
            versions.dbt_valid_from,
            case
                when versions.dbt_valid_to is null and compared.is_kept and compared.is_changed then {{ now }}
                else versions.dbt_valid_to
            end as dbt_valid_to
        from versions
        left join compared
            on versions.{{ key }} = compared.{{ key }}

        union all

        select
            {{ columns | join(", ") }},
            {{ new_version("compared", key, now) }}
        from compared
        where not is_kept or is_changed
        {%- endif %}
    {%- endcall %}

    {% if kept %}{% do adapter.drop_relation(kept) %}{% endif %}
    {% do adapter.rename_relation(staged, target_relation) %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{% macro new_version(rows, key, now) -%}
    md5(concat_ws('|', {{ rows }}.{{ key }}, {{ now }})) as dbt_scd_id,
    {{ now }} as dbt_updated_at,
    {{ now }} as dbt_valid_from,
    cast(null as timestamp) as dbt_valid_to
{%- endmacro %}
