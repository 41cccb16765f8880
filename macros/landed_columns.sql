{#- For unit tests: all columns of a landing table, with their types. Those in `given` have the SQL that
    stands there, those in `named` the column of their name, and all others nothing, so that a column
    that the contract gets changes no test. -#}
{% macro landed_columns(table, named=[], given={}) -%}
    {%- for column, type in landing_contract()[table].types.items() -%}
        cast({{ column if column in named else given.get(column, "null") }} as {{ type }}) as {{ column }}
        {{- ", " if not loop.last }}
    {%- endfor %}
{%- endmacro %}
