{#- Weight of what happened on a day: a half once it is so many days old. -#}
{% macro halved_by_age(day, today) -%}
    power(
        0.5e0,
        {{ dbt.datediff(day, today, 'day') }} / cast({{ var('next_category_half_life_days') }} as double)
    )
{%- endmacro %}
