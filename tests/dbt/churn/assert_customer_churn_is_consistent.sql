select
    churn.customer_id,
    churn.p_no_purchase_30d,
    churn.p_no_purchase_60d,
    churn.p_no_purchase_90d,
    churn.score_status,
    churn.score_reason,
    churn.next_purchase_from_date,
    churn.expected_next_purchase_date,
    churn.next_purchase_to_date
from {{ ref('customer_value') }} as customer_values
left join {{ ref('customer_churn') }} as churn
    on customer_values.customer_id = churn.customer_id
where
    churn.customer_id is null
    or churn.p_no_purchase_30d < churn.p_no_purchase_60d - 1e-9
    or churn.p_no_purchase_60d < churn.p_no_purchase_90d - 1e-9
    or (churn.churn_horizon_days = 90 and abs(churn.p_churn - churn.p_no_purchase_90d) > 1e-9)
    or (churn.score_status = 'not_scored') <> (churn.p_churn is null)
    or (churn.p_churn is null and churn.score_reason is null)
    or churn.next_purchase_from_date < churn.as_of_date
    or churn.next_purchase_from_date > churn.expected_next_purchase_date
    or churn.expected_next_purchase_date > churn.next_purchase_to_date
    or (churn.next_purchase_from_date is null and churn.expected_next_purchase_date is not null)
    or (churn.expected_next_purchase_date is null and churn.next_purchase_to_date is not null)
    or (churn.score_status = 'not_scored') <> (churn.next_purchase_horizon_days is null)
    or (churn.p_no_purchase_90d <= 0.5) <> (churn.expected_next_purchase_date is not null)
    or (churn.churn_driver is null) <> (churn.reason_1 is null)
    or (churn.reason_1 is null and churn.reason_2 is not null)
    or (churn.reason_2 is null and churn.reason_3 is not null)
    or (churn.clv_365d is null) <> (customer_values.clv_365d is null)
    or churn.clv_365d <> customer_values.clv_365d
    or (churn.p_churn is null) <> (churn.value_at_risk is null)
    or (churn.p_churn is null) <> (churn.risk_rank is null)
    or (churn.p_churn is null) <> (churn.stake_band = 'not_scored')
    or abs(churn.value_at_risk - churn.p_churn * churn.value_if_returning) > 0.01
    -- Of a year's value only what the purchase in doubt brings can be more if it is made.
    or abs(churn.value_if_returning) < abs(churn.clv_365d) - 0.02
    or abs(churn.value_if_returning) * (1 - churn.p_churn) > abs(churn.clv_365d) + 0.02
    or churn.value_if_returning * churn.clv_365d < 0
