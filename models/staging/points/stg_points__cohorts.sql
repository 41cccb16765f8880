{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('points', 'cohorts') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(evaluated_month as date) as evaluated_month,
    cast(cohort_month as date) as cohort_month,
    cast(age_months as bigint) as age_months,
    cast(earned_points as double) as earned_points,
    cast(redeemed_points as double) as redeemed_points,
    cast(outstanding_points as double) as outstanding_points,
    cast(developed_share as double) as developed_share,
    cast(ultimate_points as double) as ultimate_points,
    cast(ultimate_points_low as double) as ultimate_points_low,
    cast(ultimate_points_high as double) as ultimate_points_high,
    cast(ahead_points as double) as ahead_points,
    cast(ahead_points_low as double) as ahead_points_low,
    cast(ahead_points_high as double) as ahead_points_high,
    cast(basis as string) as basis
from source
