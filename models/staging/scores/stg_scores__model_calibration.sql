{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('scores', 'model_calibration') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cutoff_date as date) as cutoff_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(task as string) as task,
    cast(model as string) as model,
    cast(is_champion as boolean) as is_champion,
    cast(bin as bigint) as bin,
    cast(customers as bigint) as customers,
    cast(predicted_mean as double) as predicted_mean,
    cast(actual_mean as double) as actual_mean
from source
