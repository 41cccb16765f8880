{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('actions', 'policy_values') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(action as string) as action,
    cast(policy as string) as policy,
    cast(value_basis as string) as value_basis,
    cast(decisions as bigint) as decisions,
    cast(acted_share as double) as acted_share,
    cast(value as double) as value,
    cast(value_low as double) as value_low,
    cast(value_high as double) as value_high,
    cast(ranking_gain as double) as ranking_gain,
    cast(ranking_gain_low as double) as ranking_gain_low,
    cast(ranking_gain_high as double) as ranking_gain_high
from source
