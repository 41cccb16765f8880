{#- One of 100 groups of customers by the hash of their id, the same in every run: what is counted by
    group can be drawn anew by group. -#}
{% macro customer_group(customer_id) -%}
    {%- set hashed = dbt.hash(customer_id) -%}
    cast(mod(
        {%- for factor in [256, 16, 1] %}
            {{ factor }} * ({{ dbt.position("substring(" ~ hashed ~ ", " ~ loop.index ~ ", 1)", "'0123456789abcdef'") }} - 1)
            {%- if not loop.last %} +{% endif %}
        {%- endfor %},
        100
    ) as integer)
{%- endmacro %}

{#- One end of the interval of a share that is symmetric in its log odds, for a standard error from so
    many groups: side is '-' or '+'. A share of 0 or 1 has none but itself. -#}
{% macro log_odds_bound(share, error, side, z, groups) -%}
    {%- set t = "(" ~ z ~ " + " ~ ((z * z * z + z) / 4) ~ " / nullif(" ~ groups ~ " - 1, 0))" -%}
    {%- set odds = "exp(ln(" ~ share ~ " / (1 - " ~ share ~ ")) " ~ side ~ " " ~ t ~ " * " ~ error
        ~ " / (" ~ share ~ " * (1 - " ~ share ~ ")))" -%}
    case
        when {{ share }} <= 0 or {{ share }} >= 1 then {{ share }}
        else 1 - 1 / (1 + {{ odds }})
    end
{%- endmacro %}
