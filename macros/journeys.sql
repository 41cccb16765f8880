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
