with scored as (

    select * from {{ ref('int_customer_rfm_scored') }}
    where is_current or is_holdout

),

snapshot_dates as (

    select * from {{ ref('int_snapshot_dates') }}

),

cells as (

    select distinct
        recency.r_score as recency_band,
        frequency.r_score as frequency_band
    from {{ ref('rfm_segments') }} as recency
    cross join {{ ref('rfm_segments') }} as frequency

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

),

current_scores as (

    select * from {{ ref('int_customer_scores_resolved') }}

),

holdout_predictions as (

    select * from {{ ref('stg_scores__holdout_predictions') }}

),

heatmap_snapshots as (

    select
        'current' as snapshot,
        snapshot_date
    from snapshot_dates
    where is_current

    union all

    select
        'holdout' as snapshot,
        snapshot_date
    from snapshot_dates
    where is_holdout

),

next_purchases as (

    select distinct
        scored.snapshot_date,
        scored.customer_id
    from scored
    inner join purchase_days
        on
            scored.customer_id = purchase_days.customer_id
            and scored.snapshot_date < purchase_days.purchase_date
            and purchase_days.purchase_date
            <= {{ dbt.dateadd('day', var('churn_horizon_days'), 'scored.snapshot_date') }}
    where scored.is_holdout

),

predictions as (

    select
        'current' as snapshot,
        customer_id,
        p_churn as p_no_purchase
    from current_scores

    union all

    select
        'holdout' as snapshot,
        holdout_predictions.customer_id,
        holdout_predictions.p_no_purchase
    from holdout_predictions
    inner join snapshot_dates
        on
            holdout_predictions.cutoff_date = snapshot_dates.snapshot_date
            and snapshot_dates.is_holdout
    where holdout_predictions.horizon_days = {{ var('churn_horizon_days') }}

),

cell_sums as (

    select
        heatmap_snapshots.snapshot,
        scored.r_score as recency_band,
        scored.f_score as frequency_band,
        count(*) as customers,
        sum(scored.monetary_value) as net_revenue,
        sum(case when next_purchases.customer_id is null then 0 else 1 end) as returned_customers,
        count(predictions.p_no_purchase) as predicted_customers,
        avg(1 - predictions.p_no_purchase) as predicted_purchase_rate
    from heatmap_snapshots
    inner join scored
        on heatmap_snapshots.snapshot_date = scored.snapshot_date
    left join next_purchases
        on
            scored.snapshot_date = next_purchases.snapshot_date
            and scored.customer_id = next_purchases.customer_id
    left join predictions
        on
            heatmap_snapshots.snapshot = predictions.snapshot
            and scored.customer_id = predictions.customer_id
    group by
        heatmap_snapshots.snapshot,
        scored.r_score,
        scored.f_score

),

gaps as (

    select
        snapshot,
        sum(
            predicted_customers
            * abs(predicted_purchase_rate - cast(returned_customers as double) / customers)
        )
        / nullif(sum(predicted_customers), 0) as mean_prediction_gap
    from cell_sums
    where
        snapshot = 'holdout'
        and predicted_customers > 0
    group by snapshot

)

select
    heatmap_snapshots.snapshot,
    cells.recency_band,
    cells.frequency_band,
    heatmap_snapshots.snapshot_date,
    cast({{ var('churn_horizon_days') }} as bigint) as horizon_days,
    cast(coalesce(cell_sums.customers, 0) as bigint) as customers,
    cast(coalesce(cell_sums.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    case
        when heatmap_snapshots.snapshot = 'holdout'
            then round(cast(cell_sums.returned_customers as double) / cell_sums.customers, 6)
    end as actual_purchase_rate,
    cast(coalesce(cell_sums.predicted_customers, 0) as bigint) as predicted_customers,
    round(cell_sums.predicted_purchase_rate, 6) as predicted_purchase_rate,
    round(gaps.mean_prediction_gap, 6) as mean_prediction_gap
from heatmap_snapshots
cross join cells
left join gaps
    on heatmap_snapshots.snapshot = gaps.snapshot
left join cell_sums
    on
        heatmap_snapshots.snapshot = cell_sums.snapshot
        and cells.recency_band = cell_sums.recency_band
        and cells.frequency_band = cell_sums.frequency_band
