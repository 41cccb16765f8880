{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'reviews') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(recommended_on as date) as recommended_on,
    cast(scenario as string) as scenario,
    cast(channel_id as string) as channel_id,
    cast(action as string) as action,
    cast(months_since as double) as months_since,
    cast(spend_before as double) as spend_before,
    cast(recommended_spend as double) as recommended_spend,
    cast(actual_spend as double) as actual_spend,
    cast(followed_share as double) as followed_share,
    cast(expected_margin as double) as expected_margin,
    cast(seen_margin as double) as seen_margin,
    cast(seen_to_expected as double) as seen_to_expected,
    cast(outcome as string) as outcome
from source
