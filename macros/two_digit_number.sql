{#- A text of two digits as a number, null for any other text; an engine's own way to cast what may
    be no number is not everybody's. -#}
{% macro two_digit_number(text) -%}
    case
        when
            substring({{ text }}, 1, 1) between '1' and '9'
            and substring({{ text }}, 2, 1) between '0' and '9'
            then cast({{ text }} as integer)
    end
{%- endmacro %}
