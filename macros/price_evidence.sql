{#- How well an elasticity is known. Published is one below zero, of enough price changes, that lies
    nine times in ten within the largest error of the truth; it is borrowed where more of it comes from
    its like than from its own sales. -#}
{% macro price_evidence(changes, estimate, error, high, own_weight) -%}
    case
        when {{ estimate }} is null or {{ changes }} < {{ var('price_min_changes') }} then 'none'
        when {{ high }} >= 0 then 'none'
        when 1.645 * {{ error }} > {{ var('price_largest_error') }} * abs({{ estimate }})
            then 'direction'
        when {{ own_weight }} < 0.5 then 'borrowed'
        else 'strong'
    end
{%- endmacro %}
