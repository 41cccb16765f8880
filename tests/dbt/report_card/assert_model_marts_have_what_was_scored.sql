{% set tables = ['model_runs', 'model_backtests', 'model_calibration'] %}

with counted as (

    {% for table in tables %}
        select
            '{{ table }}' as model_table,
            (select count(*) from {{ ref('stg_scores__' ~ table) }}) as scored_rows,
            (select count(*) from {{ ref(table) }}) as mart_rows
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select *
from counted
where scored_rows <> mart_rows
