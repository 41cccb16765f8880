{#- Counted are reach, response, redemption and cost; estimated is what changed. Totals are of all
    customers chosen, whether or not they were in the sample that the estimate rests on. -#}
with exposures as (

    select * from {{ ref('fct_campaign_exposures') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

chosen as (

    select
        campaign_id,
        assigned_arm as arm,
        is_exposed,
        is_responded,
        is_redeemed,
        contact_cost
    from exposures
    where assigned_arm is not null and assigned_arm <> 'control'

    union all

    select
        campaign_id,
        'all' as arm,
        is_exposed,
        is_responded,
        is_redeemed,
        contact_cost
    from exposures
    where assigned_arm is not null and assigned_arm <> 'control'

),

arm_totals as (

    select
        campaign_id,
        arm,
        count(*) as customers,
        count(case when is_exposed then 1 end) as exposed_customers,
        count(case when is_responded then 1 end) as responded_customers,
        count(case when is_redeemed then 1 end) as redeemed_customers,
        sum(contact_cost) as contact_cost
    from chosen
    group by
        campaign_id,
        arm

),

-- Nobody redeemed, and nobody's redemptions are on record, are two things.
recorded as (

    select
        count(case when is_redeemed then 1 end) > 0 as has_redemptions,
        count(case when is_redeemed or exposure_basis = 'contact' then 1 end) > 0 as has_responses
    from exposures

),

arm_counts as (

    select
        campaign_id,
        count(*) - 1 as arms
    from arm_totals
    group by campaign_id

),

-- One arm alone is all of them.
arms as (

    select
        arm_totals.campaign_id,
        arm_totals.arm,
        arm_totals.customers,
        arm_totals.exposed_customers,
        case when recorded.has_responses then arm_totals.responded_customers end
            as responded_customers,
        case when recorded.has_redemptions then arm_totals.redeemed_customers end
            as redeemed_customers,
        coalesce(
            arm_totals.contact_cost,
            case when arm_totals.arm = 'all' then campaigns.budget_amount end
        ) as cost_amount
    from arm_totals
    inner join arm_counts
        on arm_totals.campaign_id = arm_counts.campaign_id
    inner join campaigns
        on arm_totals.campaign_id = campaigns.campaign_id
    cross join recorded
    where
        arm_totals.arm = 'all'
        or arm_counts.arms > 1

),

windows as (

    select * from {{ ref('int_campaign_windows') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

estimates as (

    select * from {{ ref('campaign_estimates') }}
    where is_chosen

),

labels as (

    select
        value,
        label_en,
        label_zh
    from {{ ref('campaigns_labels') }}
    where vocabulary = 'campaign_recommendation'

),

shares as (

    {% for outcome, column in [
        ('reach', 'exposed'), ('response', 'responded'), ('redemption', 'redeemed')
    ] %}
        {{ "union all" if not loop.first }}

        select
            campaign_id,
            arm,
            '{{ outcome }}' as outcome,
            customers,
            {{ column }}_customers as counted,
            1.0e0 * {{ column }}_customers / nullif(customers, 0) as share
        from arms
    {% endfor %}

),

counted as (

    select
        campaign_id,
        arm,
        outcome,
        case when counted is null then 'none' else 'counted' end as estimator,
        customers,
        cast(round(share, 6) as double) as effect,
        cast({{ wilson_bound('share', 'customers', '-') }} as double) as interval_low,
        cast({{ wilson_bound('share', 'customers', '+') }} as double) as interval_high,
        cast(counted as double) as total,
        cast(null as double) as total_low,
        cast(null as double) as total_high,
        case when counted is null then 'not_recorded' end as reason
    from shares

    union all

    select
        campaign_id,
        arm,
        'cost' as outcome,
        case when cost_amount is null then 'none' else 'counted' end as estimator,
        customers,
        round(cast(cost_amount as double) / nullif(customers, 0), 6) as effect,
        cast(null as double) as interval_low,
        cast(null as double) as interval_high,
        cast(cost_amount as double) as total,
        cast(null as double) as total_low,
        cast(null as double) as total_high,
        case when cost_amount is null then 'cost_unknown' end as reason
    from arms

),

-- Of the programme without a holdout there is no arm: whom the estimate rests on is all there is.
effects as (

    select
        estimates.*,
        coalesce(arms.customers, estimates.treated_customers) as customers,
        arms.cost_amount
    from estimates
    left join arms
        on
            estimates.campaign_id = arms.campaign_id
            and estimates.arm = arms.arm

),

returns as (

    select
        arms.campaign_id,
        arms.arm,
        arms.customers,
        effects.estimator,
        effects.evidence,
        effects.measured_days,
        effects.scope,
        effects.effect * arms.customers as total,
        effects.interval_low * arms.customers as total_low,
        effects.interval_high * arms.customers as total_high,
        case when arms.cost_amount > 0 then cast(arms.cost_amount as double) end as cost_amount
    from arms
    left join effects
        on
            arms.campaign_id = effects.campaign_id
            and arms.arm = effects.arm
            and effects.outcome = 'contribution'

),

-- Campaigns of which nothing at all is estimated have a row that says why.
untold as (

    select
        windows.campaign_id,
        windows.targeted_customers,
        case
            when windows.design = 'none' then 'no_targets'
            when windows.measured_days < 7 and windows.design <> 'randomised' then 'too_short'
            when windows.design = 'observational' then 'nothing_to_compare'
            else 'not_estimated'
        end as reason
    from windows
    left join estimates
        on
            windows.campaign_id = estimates.campaign_id
            and estimates.outcome = 'revenue'
            and estimates.arm = 'all'
    where estimates.campaign_id is null

),

unioned as (

    select
        effects.campaign_id,
        effects.scope,
        effects.arm,
        effects.outcome,
        case when effects.effect is null then 'none' else effects.estimator end as estimator,
        effects.measured_days,
        effects.customers,
        effects.treated_customers,
        effects.control_customers,
        effects.treated_mean,
        effects.control_mean,
        effects.naive_effect,
        effects.effect,
        effects.standard_error,
        effects.interval_low,
        effects.interval_high,
        effects.interval_90_low,
        effects.interval_90_high,
        effects.effect * effects.customers as total,
        effects.interval_low * effects.customers as total_low,
        effects.interval_high * effects.customers as total_high,
        effects.adjusted_p_value,
        effects.placebo_effect,
        effects.placebo_low,
        effects.placebo_high,
        effects.placebo_units,
        effects.placebo_units_found,
        effects.breakdown_value,
        effects.evidence,
        effects.recommendation,
        effects.reason
    from effects

    union all

    select
        counted.campaign_id,
        case when windows.is_global_holdout then 'programme' else 'campaign' end as scope,
        counted.arm,
        counted.outcome,
        counted.estimator,
        windows.measured_days,
        counted.customers,
        counted.customers as treated_customers,
        null as control_customers,
        null as treated_mean,
        null as control_mean,
        null as naive_effect,
        counted.effect,
        null as standard_error,
        counted.interval_low,
        counted.interval_high,
        null as interval_90_low,
        null as interval_90_high,
        counted.total,
        counted.total_low,
        counted.total_high,
        null as adjusted_p_value,
        null as placebo_effect,
        null as placebo_low,
        null as placebo_high,
        null as placebo_units,
        null as placebo_units_found,
        null as breakdown_value,
        null as evidence,
        null as recommendation,
        counted.reason
    from counted
    inner join windows
        on counted.campaign_id = windows.campaign_id

    union all

    select
        returns.campaign_id,
        coalesce(returns.scope, 'campaign') as scope,
        returns.arm,
        'roi' as outcome,
        case
            when returns.total is null or returns.cost_amount is null then 'none'
            else returns.estimator
        end as estimator,
        returns.measured_days,
        returns.customers,
        returns.customers as treated_customers,
        null as control_customers,
        null as treated_mean,
        null as control_mean,
        null as naive_effect,
        (returns.total - returns.cost_amount) / nullif(returns.cost_amount, 0) as effect,
        null as standard_error,
        (returns.total_low - returns.cost_amount) / nullif(returns.cost_amount, 0) as interval_low,
        (returns.total_high - returns.cost_amount)
        / nullif(returns.cost_amount, 0) as interval_high,
        null as interval_90_low,
        null as interval_90_high,
        returns.total - returns.cost_amount as total,
        returns.total_low - returns.cost_amount as total_low,
        returns.total_high - returns.cost_amount as total_high,
        null as adjusted_p_value,
        null as placebo_effect,
        null as placebo_low,
        null as placebo_high,
        null as placebo_units,
        null as placebo_units_found,
        null as breakdown_value,
        case
            when returns.total is null or returns.cost_amount is null then 'none'
            else returns.evidence
        end as evidence,
        case
            when returns.total is null or returns.cost_amount is null then 'cannot_tell'
            when returns.evidence = 'none' then 'no_evidence'
            when returns.total_low > returns.cost_amount then 'pays'
            when returns.total_high < returns.cost_amount then 'does_not_pay'
            else 'return_open'
        end as recommendation,
        case
            when returns.cost_amount is null then 'cost_unknown'
            when returns.total is null then 'contribution_unknown'
        end as reason
    from returns

    union all

    select
        untold.campaign_id,
        'campaign' as scope,
        'all' as arm,
        'revenue' as outcome,
        'none' as estimator,
        null as measured_days,
        untold.targeted_customers as customers,
        null as treated_customers,
        null as control_customers,
        null as treated_mean,
        null as control_mean,
        null as naive_effect,
        null as effect,
        null as standard_error,
        null as interval_low,
        null as interval_high,
        null as interval_90_low,
        null as interval_90_high,
        null as total,
        null as total_low,
        null as total_high,
        null as adjusted_p_value,
        null as placebo_effect,
        null as placebo_low,
        null as placebo_high,
        null as placebo_units,
        null as placebo_units_found,
        null as breakdown_value,
        'none' as evidence,
        'cannot_tell' as recommendation,
        untold.reason
    from untold

)

select
    unioned.campaign_id,
    as_of.as_of_date,
    unioned.scope,
    unioned.arm,
    unioned.outcome,
    unioned.estimator,
    cast(unioned.measured_days as bigint) as measured_days,
    cast(unioned.customers as bigint) as customers,
    cast(unioned.treated_customers as bigint) as treated_customers,
    cast(unioned.control_customers as bigint) as control_customers,
    cast(unioned.treated_mean as double) as treated_mean,
    cast(unioned.control_mean as double) as control_mean,
    cast(unioned.naive_effect as double) as naive_effect,
    {% for column in [
        'effect', 'standard_error', 'interval_low', 'interval_high', 'interval_90_low',
        'interval_90_high'
    ] %}
        round(cast(unioned.{{ column }} as double), 6) as {{ column }},
    {% endfor %}
    {% for column, end in [
        ('lift', 'effect'), ('lift_low', 'interval_low'), ('lift_high', 'interval_high')
    ] %}
        case
            when unioned.treated_mean > unioned.effect
                then
                    round(
                        cast(unioned.{{ end }} / (unioned.treated_mean - unioned.effect) as double),
                        6
                    )
        end as {{ column }},
    {% endfor %}
    {% for column in ['total', 'total_low', 'total_high'] %}
        round(cast(unioned.{{ column }} as double), 2) as {{ column }},
    {% endfor %}
    cast(unioned.adjusted_p_value as double) as adjusted_p_value,
    cast(unioned.placebo_effect as double) as placebo_effect,
    cast(unioned.placebo_low as double) as placebo_low,
    cast(unioned.placebo_high as double) as placebo_high,
    cast(unioned.placebo_units as bigint) as placebo_units,
    cast(unioned.placebo_units_found as bigint) as placebo_units_found,
    cast(unioned.breakdown_value as double) as breakdown_value,
    unioned.evidence,
    unioned.recommendation,
    labels.label_en as recommendation_en,
    labels.label_zh as recommendation_zh,
    unioned.reason
from unioned
cross join as_of
left join labels
    on unioned.recommendation = labels.value
