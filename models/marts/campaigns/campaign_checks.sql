with windows as (

    select * from {{ ref('int_campaign_windows') }}

),

campaigns as (

    select
        campaign_id,
        cast(control_share as double) as control_share
    from {{ ref('stg_marketing__campaigns') }}

),

exposures as (

    select * from {{ ref('fct_campaign_exposures') }}

),

estimates as (

    select * from {{ ref('stg_campaigns__estimates') }}
    where
        segment_kind = 'all'
        and arm = 'all'
        and outcome = 'revenue'

),

counted as (

    select
        campaign_id,
        count(case when is_control then 1 end) as control_customers,
        count(case when not is_control then 1 end) as treated_customers,
        count(case when is_control and is_exposed then 1 end) as control_exposed,
        count(case when not is_assigned then 1 end) as not_chosen,
        count(*) as customers,
        count(case when not is_control and other_campaigns > 0 then 1 end) as overlapping
    from exposures
    group by campaign_id

),

ratios as (

    select
        counted.campaign_id,
        counted.control_customers,
        counted.control_customers + counted.treated_customers as chosen,
        campaigns.control_share,
        1.0e0 * counted.control_customers
        / nullif(counted.control_customers + counted.treated_customers, 0) as found_share
    from counted
    inner join campaigns
        on counted.campaign_id = campaigns.campaign_id

),

scored_ratios as (

    select
        campaign_id,
        control_customers,
        control_share,
        found_share,
        (found_share - control_share)
        / nullif(sqrt(control_share * (1 - control_share) / nullif(chosen, 0)), 0) as z
    from ratios

),

ratio_tests as (

    select
        campaign_id,
        control_customers,
        control_share,
        found_share,
        {{ two_sided_p('z') }} as p_value
    from scored_ratios

),

-- As chosen in campaign_effects: the smallest error that a comparison of this campaign has.
best as (

    select
        campaign_id,
        min(standard_error) as standard_error,
        max(control_mean) as control_mean,
        max(before_p_value) as before_p_value
    from estimates
    group by campaign_id

),

checks as (

    select
        campaign_id,
        'sample_ratio' as check_name,
        found_share as measured,
        control_share as threshold,
        case when control_share > 0 and control_share < 1 then p_value end as p_value,
        case
            when control_share is null or control_share <= 0 or control_share >= 1 then null
            else
                not (
                    p_value < {{ var('campaign_sample_ratio_p') }}
                    and abs(found_share - control_share) >= {{ var('campaign_sample_ratio_share') }}
                )
        end as is_passed,
        case
            when control_share is null or control_share <= 0 or control_share >= 1
                then 'no_planned_share'
        end as reason
    from ratio_tests

    union all

    select
        windows.campaign_id,
        'alike_before' as check_name,
        null as measured,
        {{ var('campaign_sample_ratio_p') }} as threshold,
        best.before_p_value as p_value,
        best.before_p_value >= {{ var('campaign_sample_ratio_p') }} as is_passed,
        case
            when windows.design <> 'randomised' then 'no_control'
            when best.before_p_value is null then 'nothing_before'
        end as reason
    from windows
    left join best
        on windows.campaign_id = best.campaign_id

    union all

    select
        campaign_id,
        'crossover' as check_name,
        1.0e0 * control_exposed / nullif(control_customers, 0) as measured,
        0 as threshold,
        null as p_value,
        case when control_customers > 0 then control_exposed = 0 end as is_passed,
        case when control_customers = 0 then 'no_control' end as reason
    from counted

    union all

    select
        campaign_id,
        'exposed_not_chosen' as check_name,
        1.0e0 * not_chosen / nullif(customers, 0) as measured,
        0 as threshold,
        null as p_value,
        not_chosen = 0 as is_passed,
        null as reason
    from counted

    union all

    select
        campaign_id,
        'overlap' as check_name,
        1.0e0 * overlapping / nullif(treated_customers, 0) as measured,
        {{ var('campaign_overlap_share') }} as threshold,
        null as p_value,
        case
            when treated_customers > 0
                then 1.0e0 * overlapping / treated_customers <= {{ var('campaign_overlap_share') }}
        end as is_passed,
        case when treated_customers = 0 then 'no_targets' end as reason
    from counted

    -- What 80% of campaigns with this true effect would find: 1.96 + 0.84 standard errors.
    union all

    select
        windows.campaign_id,
        'minimum_detectable_effect' as check_name,
        2.801585 * best.standard_error as measured,
        {{ var('campaign_detectable_share') }} * best.control_mean as threshold,
        null as p_value,
        2.801585 * best.standard_error <= {{ var('campaign_detectable_share') }} * best.control_mean
            as is_passed,
        case when best.standard_error is null then 'not_estimated' end as reason
    from windows
    left join best
        on windows.campaign_id = best.campaign_id

)

select
    checks.campaign_id,
    checks.check_name,
    round(cast(checks.measured as double), 6) as measured,
    round(cast(checks.threshold as double), 6) as threshold,
    round(cast(checks.p_value as double), 9) as p_value,
    case when checks.reason is null then checks.is_passed end as is_passed,
    checks.reason
from checks
