{#- Whether the name of a department says fresh food: it has one of the words for it and none that
    says it is preserved. Null where no department is named. -#}
{% macro is_fresh_department(department) -%}
    case
        when {{ department }} is null then null
        else
            (
                {%- for word in var('segment_fresh_words') %}
                lower({{ department }}) like '%{{ word }}%'{{ ' or' if not loop.last }}
                {%- endfor %}
            )
            {%- for word in var('segment_preserved_words') %}
            and lower({{ department }}) not like '%{{ word }}%'
            {%- endfor %}
    end
{%- endmacro %}
