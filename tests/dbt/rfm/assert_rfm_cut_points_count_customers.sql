with cut_points as (

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
    cut_points.measure,
    cut_points.customers,
    cut_points.maximum
from cut_points
cross join scored
where
    cut_points.customers <> scored.customers
    or cut_points.maximum <> case cut_points.measure
        when 'recency' then scored.maximum_recency
        when 'frequency' then scored.maximum_frequency
        else scored.maximum_monetary
    end
