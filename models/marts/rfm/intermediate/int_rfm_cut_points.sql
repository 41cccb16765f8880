{% set measures = {
    'recency': 'recency_days', 'frequency': 'frequency', 'monetary': 'monetary_value'
} %}

with customers_in_window as (

    select * from {{ ref('int_customer_rfm_measured') }}
    where is_in_window

),

measurements as (

    {% for measure, column in measures.items() %}
        select
            snapshot_date,
            '{{ measure }}' as measure,
            cast({{ column }} as decimal(18, 2)) as measured_value
        from customers_in_window
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    snapshot_date,
    measure,
    cast(count(*) as bigint) as customers,
    {% for cut_point in [20, 40, 60, 80] %}
        cast({{ percentile('measured_value', cut_point / 100) }} as decimal(18, 2))
            as cut_point_{{ cut_point }},
    {% endfor %}
    cast(min(measured_value) as decimal(18, 2)) as minimum,
    cast(max(measured_value) as decimal(18, 2)) as maximum
from measurements
group by
    snapshot_date,
    measure
