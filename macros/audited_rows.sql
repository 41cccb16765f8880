{#- Every landed row with its outcome: accepted, duplicate, superseded or quarantined, and why.

    The contract gives the general rules: a null where none may be, a value outside the accepted
    ones, an event that cannot be dated so, and the table's own that need no other one. `rules` adds
    those that do, as {reason: condition}.
    Rows that are equal in every column count once. Of rows that share a key and differ the newest
    version is accepted and the older ones are superseded, unless they are no versions of one record
    but a number used twice; then all are quarantined. An event is in the future after `last_day`.

    Ends in the CTE `outcomes`. A call block may add joins to `rows_landed`. The table is read three
    times instead of once through a CTE, because an engine that materialises CTEs would write a
    large one out in full. -#}
{% macro audited_rows(system, table, rules={}, last_day="manifest.landed_on") -%}
    {%- set relation = source(system, table) -%}
    {%- set manifest = source("landing", "manifest") -%}
    {%- set contract = landing_contract()[system ~ "." ~ table] -%}
    {%- set key = contract.key -%}
    {%- set columns = contract.columns -%}
    {%- set version = contract.version_column -%}
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
        {%- set day = "cast(rows_landed." ~ contract.event_column ~ " as date)" -%}
        {%- do reasons.append(("future_date", day ~ " > " ~ last_day)) -%}
        {%- do reasons.append(("implausible_date", day ~ " < " ~ earliest_plausible_date())) -%}
    {%- endif -%}
    {%- for reason, condition in dict(contract.rules, **rules).items() -%}
        {%- do reasons.append((reason, condition)) -%}
    {%- endfor -%}

{%- set checked -%}
    select
        {%- for column in columns %}
        rows_landed.{{ column }},
        {%- endfor %}
        {{ landed_batch("rows_landed") }} as landed_batch,
        {{ landed_row_number("rows_landed") }} as landed_row_number,
        {%- if version %}
        {#- A clock that runs ahead dates nothing. #}
        case
            when
                cast(rows_landed.{{ version }} as date)
                <= {{ dbt.dateadd("day", 1, "manifest.landed_on") }}
                then rows_landed.{{ version }}
        end as version_at,
        {%- else %}
        cast(null as timestamp) as version_at,
        {%- endif %}
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
        cast(null as string) as rejection_reasons
        {%- endif %}
    from {{ relation }} as rows_landed
    left join {{ manifest }} as manifest
        on manifest.table_name = '{{ system }}.{{ table }}'
    {{ caller() if caller else "" }}
    {%- endset -%}

{%- set newest_first = "version_at desc nulls last, " ~ last_landed_first(table) -%}

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
            order by {{ last_landed_first(table, "checked.") }}
        ) as copy_number
    from (
        {{ checked }}
    ) as checked
    inner join repeated_hashes
        on checked.key_hash = repeated_hashes.key_hash

),

{% if contract.reused -%}
reused_keys as (

    select {{ key | join(", ") }}
    from numbered_copies
    where
        copy_number = 1
        and rejection_reasons is null
    group by {{ key | join(", ") }}
    having {{ contract.reused }}

),

{% endif -%}
versions as (

    select
        {%- for column in columns %}
        numbered_copies.{{ column }},
        {%- endfor %}
        numbered_copies.version_at,
        numbered_copies.landed_batch,
        numbered_copies.landed_row_number,
        numbered_copies.copy_number,
        {% if contract.reused -%}
        case
            when numbered_copies.rejection_reasons is not null
                then numbered_copies.rejection_reasons
            when reused_keys.{{ key[0] }} is not null then '{{ contract.reuse_reason }}'
        end as rejection_reasons
        {%- else -%}
        numbered_copies.rejection_reasons
        {%- endif %}
    from numbered_copies
    {% if contract.reused -%}
    left join reused_keys
        on
            {% for column in key -%}
            numbered_copies.{{ column }} = reused_keys.{{ column }}{{ " and " if not loop.last }}
            {%- endfor %}
    {%- endif %}

),

ranked_versions as (

    select
        versions.*,
        row_number() over (
            partition by
                {% for column in key %}{{ column }}, {% endfor %}
                copy_number = 1
            order by {{ newest_first }}
        ) as version_rank,
        row_number() over (
            partition by
                {% for column in key %}{{ column }}, {% endfor %}
                copy_number = 1 and rejection_reasons is null
            order by {{ newest_first }}
        ) as good_rank,
        count(case when copy_number = 1 and rejection_reasons is null then 1 end) over (
            partition by {{ key | join(", ") }}
        ) as good_versions
    from versions

),

outcomes as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        landed_batch,
        landed_row_number,
        rejection_reasons,
        case when rejection_reasons is null then 'accepted' else 'quarantined' end as row_outcome
    from single_rows

    union all

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        landed_batch,
        landed_row_number,
        case
            when copy_number > 1 then null
            when rejection_reasons is not null and version_rank = 1 and good_versions > 0
                then rejection_reasons || ', older_version_counts'
            else rejection_reasons
        end as rejection_reasons,
        case
            when copy_number > 1 then 'duplicate'
            when rejection_reasons is not null then 'quarantined'
            when good_rank > 1 then 'superseded'
            else 'accepted'
        end as row_outcome
    from ranked_versions

)
{%- endmacro %}

{#- The batch that a row landed with: the name of its file in the landing. -#}
{% macro landed_batch(relation) -%}
    {{ return(adapter.dispatch("landed_batch", "customer_lifecycle")(relation)) }}
{%- endmacro %}

{% macro default__landed_batch(relation) -%}
    parse_filename({{ relation }}.filename, true)
{%- endmacro %}

{% macro spark__landed_batch(relation) -%}
    {{ relation }}.landed_batch
{%- endmacro %}

{% macro postgres__landed_batch(relation) -%}
    {{ relation }}.landed_batch
{%- endmacro %}

{#- The order of rows that landed, the last one first: of equally new versions it counts. Batches follow
    each other by name and not by the day on which they landed, which is another one in another home. The
    file named as the table holds what was there before there were others. -#}
{% macro last_landed_first(table, rows="") -%}
    nullif({{ rows }}landed_batch, '{{ table }}') desc nulls last, {{ rows }}landed_row_number desc
{%- endmacro %}

{#- The place of a row in its batch. -#}
{% macro landed_row_number(relation) -%}
    {{ return(adapter.dispatch("landed_row_number", "customer_lifecycle")(relation)) }}
{%- endmacro %}

{% macro default__landed_row_number(relation) -%}
    {{ relation }}.file_row_number
{%- endmacro %}

{% macro spark__landed_row_number(relation) -%}
    {{ relation }}.landed_row_number
{%- endmacro %}

{% macro postgres__landed_row_number(relation) -%}
    {{ relation }}.landed_row_number
{%- endmacro %}

{#- The first day that a date may have and be meant. -#}
{% macro earliest_plausible_date() -%}
    cast('{{ var("earliest_plausible_date") }}' as date)
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
