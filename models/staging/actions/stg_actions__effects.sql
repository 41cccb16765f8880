{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('actions', 'effects') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(action as string) as action,
    cast(outcome as string) as outcome,
    cast(treated_decisions as bigint) as treated_decisions,
    cast(control_decisions as bigint) as control_decisions,
    cast(taken_decisions as bigint) as taken_decisions,
    cast(crossovers as bigint) as crossovers,
    cast(planned_control_share as double) as planned_control_share,
    cast(sample_ratio_p as double) as sample_ratio_p,
    cast(treated_mean as double) as treated_mean,
    cast(control_mean as double) as control_mean,
    cast(effect as double) as effect,
    cast(standard_error as double) as standard_error,
    cast(interval_low as double) as interval_low,
    cast(interval_high as double) as interval_high,
    cast(p_value as double) as p_value,
    cast(detectable_effect as double) as detectable_effect,
    cast(cost as double) as cost,
    cast(reason as string) as reason
from source
