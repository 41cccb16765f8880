{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('scores', 'model_runs') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(task as string) as task,
    cast(model as string) as model,
    cast(is_champion as boolean) as is_champion,
    cast(status as string) as status,
    cast(reason as string) as reason,
    cast(past_loss as double) as past_loss,
    cast(past_windows as bigint) as past_windows,
    cast(blend_weight as double) as blend_weight,
    cast(learned_horizon_days as bigint) as learned_horizon_days,
    cast(learned_windows as bigint) as learned_windows,
    cast(customers as bigint) as customers,
    cast(repeat_customers as bigint) as repeat_customers,
    cast(fit_from as date) as fit_from,
    cast(fit_through as date) as fit_through,
    cast(parameters as string) as parameters,
    cast(log_likelihood as double) as log_likelihood,
    cast(converged as boolean) as converged,
    cast(annual_discount_rate as double) as annual_discount_rate
from source
