{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'responses') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(channel_id as string) as channel_id,
    cast(response_basis as string) as response_basis,
    cast(period_kind as string) as period_kind,
    cast(periods as bigint) as periods,
    cast(spend_per_month as double) as spend_per_month,
    cast(margin_per_month as double) as margin_per_month,
    cast(margin_low as double) as margin_low,
    cast(margin_high as double) as margin_high,
    cast(average_return as double) as average_return,
    cast(average_return_low as double) as average_return_low,
    cast(average_return_high as double) as average_return_high,
    cast(marginal_return as double) as marginal_return,
    cast(marginal_return_low as double) as marginal_return_low,
    cast(marginal_return_high as double) as marginal_return_high,
    cast(saturation as double) as saturation,
    cast(bend as double) as bend,
    cast(carry_over as double) as carry_over,
    cast(touches_per_month as double) as touches_per_month,
    cast(margin_per_touch as double) as margin_per_touch,
    cast(spend_seen_least as double) as spend_seen_least,
    cast(spend_seen_most as double) as spend_seen_most,
    cast(customers as bigint) as customers,
    cast(reason as string) as reason
from source
