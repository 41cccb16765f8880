with source as (

    select * from {{ source('scores', 'holdout_predictions') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cutoff_date as date) as cutoff_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(customer_id as varchar) as customer_id,
    cast(model as varchar) as model,
    cast(predicted_purchases as double) as predicted_purchases,
    cast(predicted_spend as double) as predicted_spend,
    cast(p_no_purchase as double) as p_no_purchase,
    cast(actual_purchases as bigint) as actual_purchases,
    cast(actual_spend as double) as actual_spend
from source
