{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('scores', 'customer_scores') }}

)

select
    cast(customer_id as string) as customer_id,
    cast(as_of_date as date) as as_of_date,
    cast(score_status as string) as score_status,
    cast(score_reason as string) as score_reason,
    cast(purchase_model as string) as purchase_model,
    cast(spend_model as string) as spend_model,
    cast(churn_model as string) as churn_model,
    cast(p_alive as double) as p_alive,
    cast(p_alive_reason as string) as p_alive_reason,
    cast(p_no_purchase_30d as double) as p_no_purchase_30d,
    cast(p_no_purchase_60d as double) as p_no_purchase_60d,
    cast(p_no_purchase_90d as double) as p_no_purchase_90d,
    cast(churn_horizon_days as bigint) as churn_horizon_days,
    cast(p_churn as double) as p_churn,
    cast(expected_purchases_30d as double) as expected_purchases_30d,
    cast(expected_purchases_30d_low as double) as expected_purchases_30d_low,
    cast(expected_purchases_30d_high as double) as expected_purchases_30d_high,
    cast(expected_purchases_90d as double) as expected_purchases_90d,
    cast(expected_purchases_90d_low as double) as expected_purchases_90d_low,
    cast(expected_purchases_90d_high as double) as expected_purchases_90d_high,
    cast(expected_purchases_365d as double) as expected_purchases_365d,
    cast(expected_purchases_365d_low as double) as expected_purchases_365d_low,
    cast(expected_purchases_365d_high as double) as expected_purchases_365d_high,
    cast(expected_spend_30d as double) as expected_spend_30d,
    cast(expected_spend_30d_low as double) as expected_spend_30d_low,
    cast(expected_spend_30d_high as double) as expected_spend_30d_high,
    cast(expected_spend_90d as double) as expected_spend_90d,
    cast(expected_spend_90d_low as double) as expected_spend_90d_low,
    cast(expected_spend_90d_high as double) as expected_spend_90d_high,
    cast(expected_spend_365d as double) as expected_spend_365d,
    cast(expected_spend_365d_low as double) as expected_spend_365d_low,
    cast(expected_spend_365d_high as double) as expected_spend_365d_high,
    cast(expected_purchase_value as double) as expected_purchase_value,
    cast(discounted_spend_365d as double) as discounted_spend_365d,
    cast(discounted_spend_lifetime as double) as discounted_spend_lifetime,
    cast(lifetime_reason as string) as lifetime_reason,
    cast(expected_next_purchase_date as date) as expected_next_purchase_date,
    cast(next_purchase_from_date as date) as next_purchase_from_date,
    cast(next_purchase_to_date as date) as next_purchase_to_date,
    cast(next_purchase_horizon_days as bigint) as next_purchase_horizon_days,
    cast(churn_driver as string) as churn_driver,
    cast(reason_1 as string) as reason_1,
    cast(reason_2 as string) as reason_2,
    cast(reason_3 as string) as reason_3
from source
