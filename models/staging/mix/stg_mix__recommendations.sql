{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'recommendations') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(scenario as string) as scenario,
    cast(channel_id as string) as channel_id,
    cast(starts_on as date) as starts_on,
    cast(ends_on as date) as ends_on,
    cast(action as string) as action,
    cast(spend_before as double) as spend_before,
    cast(recommended_spend as double) as recommended_spend,
    cast(expected_margin as double) as expected_margin
from source
