with measures as (

    {% for measure in ['recency', 'frequency', 'monetary'] %}
        select '{{ measure }}' as measure
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

cut_points as (

    select cut_points.*
    from {{ ref('rfm_cut_points') }} as cut_points
    inner join {{ ref('int_snapshot_dates') }} as snapshots
        on
            cut_points.snapshot_date = snapshots.snapshot_date
            and snapshots.is_current

),

scored as (

    select
        count(*) as customers,
        max(recency_days) as maximum_recency,
        max(frequency) as maximum_frequency,
        max(monetary_value) as maximum_monetary
    from {{ ref('customer_rfm') }}
    where is_in_window

)

select
    measures.measure,
    cut_points.customers,
    cut_points.maximum
from measures
cross join scored
left join cut_points
    on measures.measure = cut_points.measure
where
    coalesce(cut_points.customers, 0) <> scored.customers
    or cut_points.maximum <> case cut_points.measure
        when 'recency' then scored.maximum_recency
        when 'frequency' then scored.maximum_frequency
        else scored.maximum_monetary
    end
