-- Nobody buys less likely in a longer time, a score is there or its reason is, and the lifetime
-- value is the one of customer_value.
select
    churn.customer_id,
    churn.p_no_purchase_30d,
    churn.p_no_purchase_60d,
    churn.p_no_purchase_90d,
    churn.score_status,
    churn.score_reason
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
    or coalesce(churn.clv_365d, -1) <> coalesce(customer_values.clv_365d, -1)
