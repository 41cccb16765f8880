{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('membership', 'join_effects') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(outcome as string) as outcome,
    cast(term as string) as term,
    cast(months_from_joining as bigint) as months_from_joining,
    cast(estimate as double) as estimate,
    cast(standard_error as double) as standard_error,
    cast(interval_low as double) as interval_low,
    cast(interval_high as double) as interval_high,
    cast(p_value as double) as p_value,
    cast(breakdown_value as double) as breakdown_value,
    cast(customers as bigint) as customers,
    cast(reason as string) as reason
from source
