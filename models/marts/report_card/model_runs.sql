with model_runs as (

    select * from {{ ref('stg_scores__model_runs') }}

)

select
    as_of_date,
    horizon_days,
    task,
    model,
    is_champion,
    status,
    reason,
    past_loss,
    past_windows,
    blend_weight,
    learned_horizon_days,
    learned_windows,
    customers,
    repeat_customers,
    fit_from,
    fit_through,
    parameters,
    log_likelihood,
    converged,
    annual_discount_rate
from model_runs
