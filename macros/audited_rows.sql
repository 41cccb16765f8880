{#- Every landed row with its outcome: accepted, duplicate or quarantined, and why.

    The contract gives the general rules: a null where none may be, a value outside the accepted
    ones, an event dated after the day of landing. `rules` adds the table's own, as
    {reason: condition}. Rows that are equal in every column count once; of rows that share a key
    and differ, the first in column order is kept and the rest are quarantined.

    Ends in the CTE `outcomes`. A call block may add joins to `rows_landed`. The table is read three
    times instead of once through a CTE, because an engine that materialises CTEs would write a
    large one out in full. -#}
{% macro audited_rows(system, table, rules={}) -%}
    {%- set relation = source(system, table) -%}
    {%- set manifest = source("landing", "manifest") -%}
    {%- set contract = landing_contract()[system ~ "." ~ table] -%}
    {%- set key = contract.key -%}
    {%- set columns = contract.columns -%}
    {%- set reasons = [] -%}
    {%- for column in contract.not_null -%}
        {%- do reasons.append(("missing_" ~ column, "rows_landed." ~ column ~ " is null")) -%}
    {%- endfor -%}
    {%- for column, values in contract.accepted_values.items() -%}
        {%- do reasons.append((
            "unknown_" ~ column,
            "rows_landed." ~ column ~ " not in ('" ~ values | join("', '") ~ "')",
        )) -%}
    {%- endfor -%}
    {%- if contract.event_column -%}
        {%- do reasons.append((
            "future_date",
            "cast(rows_landed." ~ contract.event_column ~ " as date) > manifest.landed_on",
        )) -%}
    {%- endif -%}
    {%- for reason, condition in rules.items() -%}
        {%- do reasons.append((reason, condition)) -%}
    {%- endfor -%}

{%- set checked -%}
    select
        {%- for column in columns %}
        rows_landed.{{ column }},
        {%- endfor %}
        {{ row_hash("rows_landed", key) }} as key_hash,
        {%- if reasons %}
        case
            when
                {% for reason, condition in reasons -%}
                ({{ condition }}){{ " or" if not loop.last }}
                {% endfor -%}
                then
                    concat_ws(
                        ', '
                        {%- for reason, condition in reasons %},
                        case when {{ condition }} then '{{ reason }}' end
                        {%- endfor %}
                    )
        end as rejection_reasons
        {%- else %}
        cast(null as varchar) as rejection_reasons
        {%- endif %}
    from {{ relation }} as rows_landed
    left join {{ manifest }} as manifest
        on manifest.table_name = '{{ system }}.{{ table }}'
    {{ caller() if caller else "" }}
    {%- endset -%}

repeated_hashes as (

    select {{ row_hash("rows_landed", key) }} as key_hash
    from {{ relation }} as rows_landed
    group by 1
    having count(*) > 1

),

single_rows as (

    select checked.*
    from (
        {{ checked }}
    ) as checked
    left join repeated_hashes
        on checked.key_hash = repeated_hashes.key_hash
    where repeated_hashes.key_hash is null

),

numbered_copies as (

    select
        checked.*,
        row_number() over (
            partition by {% for column in columns %}checked.{{ column }}{{ ", " if not loop.last }}{% endfor %}
            order by checked.key_hash
        ) as copy_number
    from (
        {{ checked }}
    ) as checked
    inner join repeated_hashes
        on checked.key_hash = repeated_hashes.key_hash

),

ranked_rows as (

    select
        numbered_copies.*,
        row_number() over (
            partition by
                {% for column in key %}{{ column }}, {% endfor %}
                copy_number = 1 and rejection_reasons is null
            order by {% for column in columns %}{{ column }}{{ ", " if not loop.last }}{% endfor %}
        ) as rank_in_key
    from numbered_copies

),

outcomes as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        rejection_reasons,
        case when rejection_reasons is null then 'accepted' else 'quarantined' end as row_outcome
    from single_rows

    union all

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        case
            when copy_number > 1 then null
            when rejection_reasons is not null then rejection_reasons
            when rank_in_key > 1 then 'conflicting_duplicate'
        end as rejection_reasons,
        case
            when copy_number > 1 then 'duplicate'
            when rejection_reasons is not null or rank_in_key > 1 then 'quarantined'
            else 'accepted'
        end as row_outcome
    from ranked_rows

)
{%- endmacro %}

{#- A hash of the named columns. Rows that share it are only candidates for sharing the columns; it keeps
    the search for duplicates in large tables small. -#}
{% macro row_hash(relation, columns) -%}
    {{ return(adapter.dispatch("row_hash", "customer_lifecycle")(relation, columns)) }}
{%- endmacro %}

{% macro default__row_hash(relation, columns) -%}
    hash({% for column in columns %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro spark__row_hash(relation, columns) -%}
    xxhash64({% for column in columns %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro postgres__row_hash(relation, columns) -%}
    hashtextextended(row({% for column in columns %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor %})::text, 0)
{%- endmacro %}
