with estimates as (

    select * from {{ ref('stg_campaigns__estimates') }}
    where segment_kind <> 'all'

)

select
    campaign_id,
    as_of_date,
    arm,
    segment_kind,
    segment,
    outcome,
    estimator,
    cast(treated_customers as bigint) as treated_customers,
    cast(control_customers as bigint) as control_customers,
    treated_mean,
    control_mean,
    effect as uplift,
    standard_error,
    interval_low,
    interval_high,
    p_value,
    adjusted_p_value,
    rest_difference,
    rest_p_value,
    rest_adjusted_p_value,
    'holm' as correction,
    case
        when effect is null then 'cannot_tell'
        when adjusted_p_value >= 0.05 then 'not_told_apart'
        when effect < 0 then 'harms'
        when rest_adjusted_p_value < 0.05 and rest_difference > 0 then 'works_better_here'
        else 'works'
    end as finding,
    reason
from estimates
