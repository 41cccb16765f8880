{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('scores', 'holdout_predictions') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cutoff_date as date) as cutoff_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(customer_id as string) as customer_id,
    cast(purchase_model as string) as purchase_model,
    cast(spend_model as string) as spend_model,
    cast(churn_model as string) as churn_model,
    cast(predicted_purchases as double) as predicted_purchases,
    cast(predicted_purchases_low as double) as predicted_purchases_low,
    cast(predicted_purchases_high as double) as predicted_purchases_high,
    cast(predicted_spend as double) as predicted_spend,
    cast(predicted_spend_low as double) as predicted_spend_low,
    cast(predicted_spend_high as double) as predicted_spend_high,
    cast(p_no_purchase as double) as p_no_purchase,
    cast(actual_purchases as bigint) as actual_purchases,
    cast(actual_spend as double) as actual_spend
from source
