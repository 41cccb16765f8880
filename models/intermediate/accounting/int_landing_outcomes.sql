{#- Rows of every landing table by what became of them. -#}
{% for system, table in contract_tables() -%}
select
    '{{ system }}.{{ table }}' as table_name,
    row_outcome,
    rejection_reasons,
    count(*) as row_count
from {{ ref('base_' ~ system ~ '__' ~ table) }}
group by
    row_outcome,
    rejection_reasons
{{ "union all" if not loop.last }}
{% endfor %}
