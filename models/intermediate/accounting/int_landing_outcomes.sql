{#- Rows of every landing table by what became of them. -#}
{% for table_name, contract in landing_contract().items() %}
    select
        '{{ table_name }}' as table_name,
        row_outcome,
        rejection_reasons,
        count(*) as row_count
    from {{ ref('base_' ~ contract.system ~ '__' ~ contract.table) }}
    group by
        row_outcome,
        rejection_reasons
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
