{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('scores', 'model_backtests') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cutoff_date as date) as cutoff_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(task as string) as task,
    cast(model as string) as model,
    cast(is_champion as boolean) as is_champion,
    cast(slice as string) as slice,
    cast(metric as string) as metric,
    cast(value as double) as value,
    cast(value_low as double) as value_low,
    cast(value_high as double) as value_high,
    cast(customers as bigint) as customers,
    cast(reason as string) as reason
from source
