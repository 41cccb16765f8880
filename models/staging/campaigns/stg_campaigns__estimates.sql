{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('campaigns', 'estimates') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(campaign_id as string) as campaign_id,
    cast(arm as string) as arm,
    cast(segment_kind as string) as segment_kind,
    cast(segment as string) as segment,
    cast(outcome as string) as outcome,
    cast(estimator as string) as estimator,
    cast(treated_customers as double) as treated_customers,
    cast(control_customers as double) as control_customers,
    cast(treated_mean as double) as treated_mean,
    cast(control_mean as double) as control_mean,
    cast(naive_effect as double) as naive_effect,
    cast(effect as double) as effect,
    cast(standard_error as double) as standard_error,
    cast(interval_low as double) as interval_low,
    cast(interval_high as double) as interval_high,
    cast(interval_90_low as double) as interval_90_low,
    cast(interval_90_high as double) as interval_90_high,
    cast(p_value as double) as p_value,
    cast(before_p_value as double) as before_p_value,
    cast(placebo_effect as double) as placebo_effect,
    cast(placebo_low as double) as placebo_low,
    cast(placebo_high as double) as placebo_high,
    cast(placebo_units as bigint) as placebo_units,
    cast(placebo_units_found as bigint) as placebo_units_found,
    cast(breakdown_value as double) as breakdown_value,
    cast(rest_difference as double) as rest_difference,
    cast(rest_p_value as double) as rest_p_value,
    cast(adjusted_p_value as double) as adjusted_p_value,
    cast(rest_adjusted_p_value as double) as rest_adjusted_p_value,
    cast(reason as string) as reason
from source
