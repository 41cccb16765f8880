{#- The Sunday on or before a day. Weeks are truncated to their Monday. -#}
{% macro sunday_before(day) -%}
    cast({{ dbt.dateadd(
        'day', -1, dbt.date_trunc('week', dbt.dateadd('day', 1, day))
    ) }} as date)
{%- endmacro %}

{#- First day of the retail year (4-5-4 calendar) that begins in the calendar year of a day, or so many
    years after: the Sunday from 29 January to 4 February, so that the year before ends on the Saturday
    nearest to 31 January. -#}
{% macro retail_year_start(day, years=0) -%}
    {#- 1 January and 34 days. -#}
    {%- set fourth_of_february = dbt.dateadd(
        'day', 34, dbt.dateadd('year', years, dbt.date_trunc('year', day))
    ) -%}
    {{ sunday_before(fourth_of_february) }}
{%- endmacro %}

{#- Month 1 to 12 of a retail week, in weeks of 4, 5 and 4; a 53rd week is in the last. -#}
{% macro retail_month(week) -%}
    case
        {% for last_week in retail_month_ends() -%}
            when {{ week }} <= {{ last_week }} then {{ loop.index }}
        {% endfor -%}
    end
{%- endmacro %}

{#- Weeks of a retail year before those of the month that a week is in. -#}
{% macro retail_weeks_before_month(week) -%}
    {%- set ends = retail_month_ends() -%}
    case
        {% for last_week in ends -%}
            when {{ week }} <= {{ last_week }} then {{ 0 if loop.first else ends[loop.index0 - 1] }}
        {% endfor -%}
    end
{%- endmacro %}

{#- Last weeks of the months. -#}
{% macro retail_month_ends() -%}
    {{ return([4, 9, 13, 17, 22, 26, 30, 35, 39, 43, 48, 53]) }}
{%- endmacro %}
