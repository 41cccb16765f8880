{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('mix', 'mixes') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(scenario as string) as scenario,
    cast(segment as string) as segment,
    cast(channel_id as string) as channel_id,
    cast(starts_on as date) as starts_on,
    cast(ends_on as date) as ends_on,
    cast(action as string) as action,
    cast(reason as string) as reason,
    cast(spend_today as double) as spend_today,
    cast(recommended_spend as double) as recommended_spend,
    cast(spend_change as double) as spend_change,
    cast(lower_bound as double) as lower_bound,
    cast(upper_bound as double) as upper_bound,
    cast(binding_bound as string) as binding_bound,
    cast(expected_margin as double) as expected_margin,
    cast(margin_change as double) as margin_change,
    cast(expected_gain as double) as expected_gain,
    cast(gain_low as double) as gain_low,
    cast(gain_high as double) as gain_high,
    cast(marginal_return as double) as marginal_return,
    cast(marginal_return_low as double) as marginal_return_low,
    cast(marginal_return_high as double) as marginal_return_high,
    cast(mix_marginal_return as double) as mix_marginal_return,
    cast(unallocated as double) as unallocated,
    cast(is_extrapolated as boolean) as is_extrapolated,
    cast(season_index as double) as season_index,
    cast(price_factor as double) as price_factor
from source
