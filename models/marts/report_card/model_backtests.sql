with model_backtests as (

    select * from {{ ref('stg_scores__model_backtests') }}

)

select
    as_of_date,
    cutoff_date,
    horizon_days,
    task,
    model,
    is_champion,
    slice,
    metric,
    value,
    value_low,
    value_high,
    customers,
    reason
from model_backtests
