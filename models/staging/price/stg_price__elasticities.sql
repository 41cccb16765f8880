{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('price', 'elasticities') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(level as string) as level,
    cast(category as string) as category,
    cast(item as string) as item,
    cast(measure as string) as measure,
    cast(own_estimate as double) as own_estimate,
    cast(own_standard_error as double) as own_standard_error,
    cast(estimate as double) as estimate,
    cast(standard_error as double) as standard_error,
    cast(interval_low as double) as interval_low,
    cast(interval_high as double) as interval_high,
    cast(own_weight as double) as own_weight,
    cast(stores as bigint) as stores,
    cast(weeks as bigint) as weeks,
    cast(observations as bigint) as observations,
    cast(reason as string) as reason
from source
