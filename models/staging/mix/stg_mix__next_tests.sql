{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'next_tests') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(channel_id as string) as channel_id,
    cast(test_rank as bigint) as test_rank,
    cast(information_value as double) as information_value,
    cast(spend as double) as spend,
    cast(return_width as double) as return_width,
    cast(change_chance as double) as change_chance,
    cast(design as string) as design,
    cast(holdout_share as double) as holdout_share,
    cast(weeks as bigint) as weeks,
    cast(expected_effect as double) as expected_effect,
    cast(detectable_effect as double) as detectable_effect,
    cast(is_detectable as boolean) as is_detectable,
    cast(reason as string) as reason
from source
