with model_runs as (

    select * from {{ ref('stg_scores__model_runs') }}

)

select
    as_of_date,
    purpose,
    cutoff_date,
    task,
    model,
    status,
    reason,
    customers,
    repeat_customers,
    fit_from,
    fit_through,
    parameters,
    log_likelihood,
    converged,
    annual_discount_rate
from model_runs
