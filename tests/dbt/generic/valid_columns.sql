{#- What holds of single columns, looked at in one pass over the model: a row says what does not, in
    how many rows, and gives an example. `ranges` have a column's least and greatest value, or null;
    `vocabularies` the list of names in the mart `labels` that its values are from, or several. -#}
{% test valid_columns(model, not_null=[], ranges={}, vocabularies={}) %}

{{ config(fail_calc="cast(coalesce(sum(failing_rows), 0) as bigint)") }}

{%- set rules = [] %}
{%- for column in not_null %}
    {%- do rules.append((column, 'not null', column ~ ' is null', none)) %}
{%- endfor %}
{%- for column, bounds in ranges.items() %}
    {%- if bounds[0] is not none %}
        {%- do rules.append((column, 'at least ' ~ bounds[0], column ~ ' < ' ~ bounds[0], none)) %}
    {%- endif %}
    {%- if bounds[1] is not none %}
        {%- do rules.append((column, 'at most ' ~ bounds[1], column ~ ' > ' ~ bounds[1], none)) %}
    {%- endif %}
{%- endfor %}
{%- for column, vocabulary in vocabularies.items() %}
    {%- set names = [vocabulary] if vocabulary is string else vocabulary %}
    {%- do rules.append((column, 'one of the labels of ' ~ names | join(' or '), none, names)) %}
{%- endfor %}

with counted as (

    select
    {%- for column, holds, fails, names in rules if fails %}
        count(case when {{ fails }} then 1 end) as rows_{{ loop.index }},
        min(case when {{ fails }} then cast({{ column }} as {{ dbt.type_string() }}) end)
            as example_{{ loop.index }},
    {%- endfor %}
        count(*) as all_rows
    from {{ model }}

),

failing as (

    {%- for column, holds, fails, names in rules if fails %}
    select
        '{{ column }}' as column_name,
        '{{ holds }}' as holds,
        rows_{{ loop.index }} as failing_rows,
        example_{{ loop.index }} as example
    from counted
    {{- "\n    union all" if not loop.last or vocabularies }}
    {%- endfor %}
    {%- for column, holds, fails, names in rules if names %}
    select
        '{{ column }}' as column_name,
        '{{ holds }}' as holds,
        count(*) as failing_rows,
        min({{ column }}) as example
    from {{ model }}
    where
        {{ column }} not in (
            select value from {{ ref('labels') }} where vocabulary in ('{{ names | join("', '") }}')
        )
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

)

select
    column_name,
    holds,
    failing_rows,
    example
from failing
where failing_rows > 0

{% endtest %}
