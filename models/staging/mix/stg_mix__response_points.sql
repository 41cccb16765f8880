{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'response_points') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(channel_id as string) as channel_id,
    cast(step as bigint) as step,
    cast(spend_per_month as double) as spend_per_month,
    cast(margin_per_month as double) as margin_per_month,
    cast(margin_low as double) as margin_low,
    cast(margin_high as double) as margin_high,
    cast(is_extrapolated as boolean) as is_extrapolated
from source
