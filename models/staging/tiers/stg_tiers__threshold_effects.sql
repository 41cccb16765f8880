{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('tiers', 'threshold_effects') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(criterion as string) as criterion,
    cast(tier as string) as tier,
    cast(outcome as string) as outcome,
    cast(reviewed_on as date) as reviewed_on,
    cast(threshold as double) as threshold,
    cast(effect as double) as effect,
    cast(standard_error as double) as standard_error,
    cast(effect_low as double) as effect_low,
    cast(effect_high as double) as effect_high,
    cast(p_value as double) as p_value,
    cast(effect_conventional as double) as effect_conventional,
    cast(level_below as double) as level_below,
    cast(bandwidth as double) as bandwidth,
    cast(members_below as bigint) as members_below,
    cast(members_above as bigint) as members_above,
    cast(members_near_below as bigint) as members_near_below,
    cast(members_near_above as bigint) as members_near_above,
    cast(naive_difference as double) as naive_difference,
    cast(naive_low as double) as naive_low,
    cast(naive_high as double) as naive_high,
    cast(density_ratio as double) as density_ratio,
    cast(density_p_value as double) as density_p_value,
    cast(reason as string) as reason
from source
