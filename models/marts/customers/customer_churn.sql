with scores as (

    select * from {{ ref('int_customer_scores_resolved') }}

),

lifetime_values as (

    select * from {{ ref('int_customer_clv') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

)

select
    scores.customer_id,
    scores.as_of_date,
    scores.last_purchase_date,
    scores.days_since_last_purchase,
    lifecycle.expected_gap_days,
    round(scores.days_since_last_purchase / nullif(lifecycle.expected_gap_days, 0), 6)
        as gap_multiple,
    scores.score_status,
    scores.score_reason,
    scores.purchase_model,
    scores.churn_model,
    scores.p_no_purchase_30d,
    scores.p_no_purchase_60d,
    scores.p_no_purchase_90d,
    scores.churn_horizon_days,
    scores.p_churn,
    case
        when scores.p_churn is null then 'not_scored'
        when scores.p_churn < {{ var('churn_band_medium') }} then 'low'
        when scores.p_churn <= {{ var('churn_band_high') }} then 'medium'
        else 'high'
    end as churn_band,
    scores.expected_next_purchase_date,
    scores.next_purchase_from_date,
    scores.next_purchase_to_date,
    scores.churn_driver,
    scores.reason_1,
    scores.reason_2,
    scores.reason_3,
    lifetime_values.clv_365d,
    cast(scores.p_churn * lifetime_values.clv_365d as decimal(18, 2)) as value_at_risk
from scores
inner join lifetime_values
    on scores.customer_id = lifetime_values.customer_id
left join lifecycle
    on scores.customer_id = lifecycle.customer_id
