{#- One end of the 95% Wilson score interval of a share: side is '-' for the lower and '+' for the upper
    end. Null when the share is null. -#}
{% macro wilson_bound(share, sample_size, side) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set p = "cast(" ~ share ~ " as double)" -%}
    {%- set n = "cast(nullif(" ~ sample_size ~ ", 0) as double)" -%}
    round(
        (
            {{ p }} + {{ z * z }} / (2 * {{ n }})
            {{ side }} {{ z }} * sqrt(
                {{ p }} * (1 - {{ p }}) / {{ n }}
                + {{ z * z }} / (4.0e0 * {{ n }} * {{ n }})
            )
        ) / (1 + {{ z * z }} / {{ n }}), 9
    )
{%- endmacro %}
