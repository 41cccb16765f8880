with model_calibration as (

    select * from {{ ref('stg_scores__model_calibration') }}

)

select
    as_of_date,
    cutoff_date,
    horizon_days,
    task,
    model,
    is_champion,
    bin,
    customers,
    predicted_mean,
    actual_mean,
    case when task = 'churn' then {{ wilson_bound('actual_mean', 'customers', '-') }} end
        as actual_low,
    case when task = 'churn' then {{ wilson_bound('actual_mean', 'customers', '+') }} end
        as actual_high
from model_calibration
