with model_backtests as (

    select * from {{ ref('stg_scores__model_backtests') }}

)

select
    as_of_date,
    cutoff_date,
    horizon_days,
    task,
    model,
    metric,
    value,
    customers,
    reason
from model_backtests
