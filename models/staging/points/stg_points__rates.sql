{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('points', 'rates') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(evaluated_month as date) as evaluated_month,
    cast(earned_points as double) as earned_points,
    cast(redeemed_points as double) as redeemed_points,
    cast(redemption_rate as double) as redemption_rate,
    cast(redemption_rate_low as double) as redemption_rate_low,
    cast(redemption_rate_high as double) as redemption_rate_high,
    cast(tail_share as double) as tail_share,
    cast(cohorts as bigint) as cohorts,
    cast(reason as string) as reason
from source
