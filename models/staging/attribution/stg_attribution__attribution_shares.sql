{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('attribution', 'attribution_shares') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(attribution_model as string) as attribution_model,
    cast(customer_kind as string) as customer_kind,
    cast(channel_key as bigint) as channel_key,
    cast(removal_strategy as string) as removal_strategy,
    cast(journeys as bigint) as journeys,
    cast(converting_journeys as bigint) as converting_journeys,
    cast(groups as bigint) as groups,
    cast(removal_effect as double) as removal_effect,
    cast(share as double) as share,
    cast(share_lower as double) as share_lower,
    cast(share_upper as double) as share_upper,
    cast(share_cv as double) as share_cv,
    cast(conversions as double) as conversions,
    cast(value as double) as value,
    cast(status as string) as status,
    cast(reason as string) as reason
from source
