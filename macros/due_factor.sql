{#- What a category counts of its share, by the time since it was last bought in multiples of the
    customer's own gap: less while the last purchase lasts, less again once it seems given up. -#}
{% macro due_factor(due_ratio) -%}
    {%- set just_bought = var('next_category_just_bought') -%}
    {%- set given_up = var('next_category_given_up') -%}
    case
        when {{ due_ratio }} is null then 1.0
        when {{ due_ratio }} < {{ just_bought.until }}
            then
                {{ just_bought.factor }}
                + (1 - {{ just_bought.factor }}) * {{ due_ratio }} / {{ just_bought.until }}
        when {{ due_ratio }} <= {{ given_up.since }} then 1.0
        else
            greatest(
                {{ given_up.factor }},
                1 - (1 - {{ given_up.factor }}) * ({{ due_ratio }} - {{ given_up.since }})
                / {{ given_up.since }}
            )
    end
{%- endmacro %}
