{#- Probability of a standard normal as far from zero as z, in either direction: erfc(abs(z) /
    sqrt(2)) by a Chebyshev fit whose relative error is below 1.2e-7 everywhere. What has no
    logarithm that a double holds is zero. -#}
{% macro two_sided_p(z) -%}
    {%- set x = "(abs(" ~ z ~ ") / sqrt(2.0))" -%}
    {%- set t = "(1 / (1 + 0.5 * " ~ x ~ "))" -%}
    {%- set fit = namespace(polynomial="0.17087277") -%}
    {%- for coefficient in [
        -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
        1.00002368, -1.26551223
    ] -%}
        {%- set fit.polynomial = "(" ~ coefficient ~ " + " ~ t ~ " * " ~ fit.polynomial ~ ")" -%}
    {%- endfor -%}
    case
        when abs({{ z }}) > 37 then 0.0
        else least(1.0, {{ t }} * exp(-{{ x }} * {{ x }} + {{ fit.polynomial }}))
    end
{%- endmacro %}
