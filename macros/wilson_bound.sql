{#- One end of the 95% Wilson score interval of a share: side is '-' for the lower and '+' for the upper
    end. Null when the share is null. -#}
{% macro wilson_bound(share, sample_size, side) -%}
    {%- set z = 1.959963984540054 -%}
    round(
        (
            {{ share }} + {{ z * z }} / (2 * {{ sample_size }})
            {{ side }} {{ z }} * sqrt(
                {{ share }} * (1 - {{ share }}) / {{ sample_size }}
                + {{ z * z }} / (4.0 * {{ sample_size }} * {{ sample_size }})
            )
        ) / (1 + {{ z * z }} / {{ sample_size }}), 9
    )
{%- endmacro %}
