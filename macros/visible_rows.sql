{#- The accepted rows of a landing table as they were known before the as-of date: the one gate
    between what landed and what models see, so that a replay sees what a landing of that day would.

    Which dates bind follows from the contract: a row is seen from the day of its event or of its
    beginning, a value from the day it became known, and of several versions of a record the newest
    of the time. The first version holds from the beginning, because nothing is known of the time
    before. `starts_on` replaces the contract's date where another table has it, which a call block
    joins to `base_rows`. Rows that meet `never_counts` are no events, only known or not.

    Ends in the CTE `visible_rows`. -#}
{% macro visible_rows(system, table, starts_on=none, never_counts=none) -%}
    {%- set base = ref("base_" ~ system ~ "__" ~ table) -%}
    {%- set contract = landing_contract()[system ~ "." ~ table] -%}
    {%- set version = contract.version_column -%}
    {%- set starts = starts_on or ("base_rows." ~ contract.start_column if contract.start_column) -%}
as_of as (

    select * from {{ ref('as_of') }}

),

{% if version %}
-- Keys whose newest version is of a later day; only these need their older versions.
changed_later as (

    select {% for column in contract.key %}base_rows.{{ column }}{{ ", " if not loop.last }}{% endfor %}
    from {{ base }} as base_rows
    cross join as_of
    where
        base_rows.row_outcome = 'accepted'
        and base_rows.{{ version }} >= as_of.known_before_date

),

ranked_versions as (

    select
        {%- for column in contract.columns %}
        base_rows.{{ column }},
        {%- endfor %}
        row_number() over (
            partition by {% for column in contract.key %}base_rows.{{ column }}{{ ", " if not loop.last }}{% endfor %}
            order by
                case when base_rows.{{ version }} >= as_of.known_before_date then 1 else 0 end,
                case when base_rows.{{ version }} < as_of.known_before_date then base_rows.{{ version }} end
                desc nulls last,
                base_rows.{{ version }},
                {{ last_landed_first(table, "base_rows.") }}
        ) as version_rank
    from {{ base }} as base_rows
    inner join changed_later
        on
            {% for column in contract.key -%}
            {%- set equals = "=" if column in contract.not_null else "is not distinct from" %}
            base_rows.{{ column }} {{ equals }} changed_later.{{ column }}
            {{- " and" if not loop.last }}
            {% endfor %}
    cross join as_of
    where base_rows.row_outcome in ('accepted', 'superseded')

),

{% endif %}
known_versions as (

    select
        {%- for column in contract.columns %}
        base_rows.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ base }} as base_rows
    {% if version -%}
    cross join as_of
    {% endif -%}
    where
        base_rows.row_outcome = 'accepted'
        {% if version -%}
        and (base_rows.{{ version }} is null or base_rows.{{ version }} < as_of.known_before_date)

    union all

    select
        {%- for column in contract.columns %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from ranked_versions
    where version_rank = 1
    {%- endif %}

),

visible_rows as (

    select
        {%- for column in contract.columns %}
        {%- set known_from = contract.known_from.get(column) %}
        {%- if known_from %}
        case
            when
                base_rows.{{ known_from }} is null
                or base_rows.{{ known_from }} < as_of.known_before_date
                then base_rows.{{ column }}
        end as {{ column }}{{ "," if not loop.last }}
        {%- else %}
        base_rows.{{ column }}{{ "," if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from known_versions as base_rows
    cross join as_of
    {{ caller() if caller else "" }}
    {% if starts -%}
    where
        {{ starts }} is null
        or {{ starts }} < as_of.as_of_date
        {%- if never_counts %}
        or ({{ never_counts }} and {{ starts }} < as_of.known_before_date)
        {%- endif %}
    {%- endif %}

)
{%- endmacro %}
