{#- Part of the change of a product that one of its factors brought, as a fair share: the mean, over
    all orders in which the factors could have changed one after another, of what its own change did
    (Shapley value). `factors` are names of pairs of columns, <name>_base and <name>, of which none is
    null; `factor` is one of them. The shares of all factors add up to the change of the product.
    Orders that agree in which other factors changed before do the same, so each set of those is here
    once, with the share of the orders that have it. -#}
{% macro shapley_share(factors, factor) -%}
    {%- set others = factors | reject('equalto', factor) | list -%}
    {%- set factorials = [1] -%}
    {%- for number in range(1, factors | length + 1) -%}
        {%- do factorials.append(factorials[-1] * number) -%}
    {%- endfor -%}
    ({{ factor }} - {{ factor }}_base) * (
    {%- for subset in range(2 ** (others | length)) -%}
        {%- set terms = [] -%}
        {%- set changed = [] -%}
        {%- for other in others -%}
            {%- if (subset // 2 ** loop.index0) % 2 -%}
                {%- do changed.append(other) -%}
                {%- do terms.append(other) -%}
            {%- else -%}
                {%- do terms.append(other ~ '_base') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set before = changed | length -%}
        {%- set weight = factorials[before] * factorials[others | length - before] -%}
        {{ ' + ' if not loop.first }}{{ terms | join(' * ') }} * {{ weight }}
    {%- endfor -%}
    ) / {{ factorials[factors | length] }}.0
{%- endmacro %}
