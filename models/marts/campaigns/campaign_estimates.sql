with estimates as (

    select * from {{ ref('stg_campaigns__estimates') }}
    where segment_kind = 'all'

),

windows as (

    select * from {{ ref('int_campaign_windows') }}

),

checks as (

    select * from {{ ref('campaign_checks') }}

),

broken as (

    select
        campaign_id,
        count(case when check_name in ('sample_ratio', 'alike_before') and not is_passed then 1 end)
        > 0 as is_broken
    from checks
    group by campaign_id

),

-- Groups that moved apart before in one outcome are no good comparison in another.
placebos as (

    select
        campaign_id,
        count(case when placebo_low > 0 or placebo_high < 0 then 1 end) > 0 as is_any_found
    from estimates
    where estimator <> 'randomised'
    group by campaign_id

),

-- Whether revenue has an effect by the second opinion, to which side, and no placebo of it.
second_opinions as (

    select
        campaign_id,
        case
            when
                adjusted_p_value < 0.05
                and coalesce(placebo_low <= 0 and placebo_high >= 0, false)
                then sign(effect)
            else 0
        end as side
    from estimates
    where
        estimator = 'synthetic_did'
        and outcome = 'revenue'

),

graded as (

    select
        estimates.*,
        case
            when estimates.campaign_id = 'programme' or coalesce(windows.is_global_holdout, false)
                then 'programme'
            else 'campaign'
        end as scope,
        case
            when estimates.campaign_id = 'programme' then 28
            when windows.design = 'staggered' then 7
            when
                windows.design = 'observational'
                then 7 * greatest(floor(windows.measured_days / 7.0e0), 1)
            else windows.measured_days
        end as measured_days,
        coalesce(broken.is_broken, false) as is_broken,
        estimates.placebo_effect is not null
        and not (estimates.placebo_low <= 0 and estimates.placebo_high >= 0) as is_found_by_placebo,
        coalesce(
            1.0e0 * estimates.placebo_units_found / nullif(estimates.placebo_units, 0)
            > {{ var('campaign_placebo_units_share') }},
            false
        ) as is_found_by_units,
        coalesce(placebos.is_any_found, false) as is_any_found,
        coalesce(second_opinions.side, 0) as second_side
    from estimates
    left join windows
        on estimates.campaign_id = windows.campaign_id
    left join broken
        on estimates.campaign_id = broken.campaign_id
    left join placebos
        on estimates.campaign_id = placebos.campaign_id
    left join second_opinions
        on estimates.campaign_id = second_opinions.campaign_id

)

select
    campaign_id,
    as_of_date,
    scope,
    arm,
    outcome,
    estimator,
    -- Made alike by customer before the second opinion, whose error rests on few groups.
    row_number() over (
        partition by campaign_id, arm, outcome
        order by
            case when effect is null then 1 else 0 end,
            case estimator
                when 'randomised' then 1
                when 'callaway_santanna' then 2
                when 'matched_did' then 3
                else 4
            end
    ) = 1 as is_chosen,
    cast(measured_days as bigint) as measured_days,
    cast(treated_customers as bigint) as treated_customers,
    cast(control_customers as bigint) as control_customers,
    treated_mean,
    control_mean,
    naive_effect,
    effect,
    standard_error,
    interval_low,
    interval_high,
    interval_90_low,
    interval_90_high,
    p_value,
    adjusted_p_value,
    placebo_effect,
    placebo_low,
    placebo_high,
    placebo_units,
    placebo_units_found,
    breakdown_value,
    case
        when effect is null then 'none'
        when estimator = 'randomised' and not is_broken then 'randomised'
        when estimator = 'randomised' then 'weak'
        when adjusted_p_value >= 0.05 or is_found_by_placebo or is_found_by_units then 'none'
        when
            outcome = 'revenue'
            and estimator = 'matched_did'
            and second_side = sign(effect)
            and placebo_effect is not null
            and not is_any_found
            and coalesce(breakdown_value, {{ var('campaign_strong_breakdown') }})
            >= {{ var('campaign_strong_breakdown') }}
            then 'strong'
        else 'weak'
    end as evidence,
    case
        when effect is null then 'cannot_tell'
        when estimator = 'randomised' and is_broken then 'groups_differ'
        when estimator = 'randomised' and interval_low > 0 then 'works'
        when estimator = 'randomised' and interval_high < 0 then 'harms'
        when estimator = 'randomised' then 'no_effect_found'
        when is_found_by_placebo or is_found_by_units then 'placebo_finds_it_too'
        when adjusted_p_value >= 0.05 then 'no_evidence'
        when effect > 0 then 'may_work'
        else 'may_harm'
    end as recommendation,
    reason
from graded
