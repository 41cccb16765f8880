{#- Groups that are not as the lot had them are no comparison, whatever they differ by. An
    action is kept or stopped by its effect on contribution (revenue where costs are not known)
    less its cost. -#}
with logged as (

    select * from {{ ref('int_action_log') }}

),

actions as (

    select * from {{ ref('actions') }}
    where is_contact

),

effects as (

    select * from {{ ref('stg_actions__effects') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

outcomes as (

    {% for outcome in action_outcomes() %}
        select
            '{{ outcome }}' as outcome,
            {{ loop.index }} as outcome_order
        {{ "union all" if not loop.last }}
    {% endfor %}

),

-- Those of the seed, and whatever else was decided on.
named as (

    select action
    from actions

    union

    select action
    from logged

),

counted as (

    select
        action,
        count(case when arm = 'treated' then 1 end) as treated_decisions,
        count(case when arm = 'treated' and outcome = 'taken' then 1 end) as taken_decisions,
        count(case when arm = 'control' then 1 end) as control_decisions,
        count(case when arm = 'none' then 1 end) as suppressed_decisions,
        count(case when is_crossover then 1 end) as crossovers,
        count(case when arm <> 'none' and not is_over then 1 end) as open_decisions,
        count(case when arm = 'treated' and is_over then 1 end) as treated_over,
        count(case when arm = 'control' and is_over then 1 end) as control_over,
        min(decided_on) as first_decided_on,
        max(decided_on) as last_decided_on,
        min(action_owner) as action_owner
    from logged
    group by action

),

ratios as (

    select
        effects.action,
        effects.outcome,
        case
            when effects.planned_control_share is null then 'not_planned'
            when
                effects.sample_ratio_p < {{ var('campaign_sample_ratio_p') }}
                and abs(
                    1.0e0 * effects.control_decisions
                    / nullif(effects.control_decisions + effects.treated_decisions, 0)
                    - effects.planned_control_share
                ) > {{ var('campaign_sample_ratio_share') }}
                then 'off'
            else 'as_planned'
        end as sample_ratio
    from effects

),

judging as (

    select
        effects.action,
        effects.cost,
        effects.interval_low - effects.cost as net_low,
        effects.interval_high - effects.cost as net_high,
        effects.reason,
        ratios.sample_ratio,
        row_number() over (
            partition by effects.action
            order by
                case when effects.reason is null then 1 else 2 end,
                case effects.outcome when 'contribution' then 1 when 'revenue' then 2 else 3 end
        ) as basis_rank
    from effects
    inner join ratios
        on
            effects.action = ratios.action
            and effects.outcome = ratios.outcome
    where effects.outcome <> 'orders'

),

joined as (

    select
        named.action,
        outcomes.outcome,
        outcomes.outcome_order,
        counted.action_owner,
        coalesce(counted.treated_decisions, 0) as treated_decisions,
        coalesce(counted.taken_decisions, 0) as taken_decisions,
        coalesce(counted.control_decisions, 0) as control_decisions,
        coalesce(counted.suppressed_decisions, 0) as suppressed_decisions,
        coalesce(counted.crossovers, 0) as crossovers,
        coalesce(counted.open_decisions, 0) as open_decisions,
        counted.first_decided_on,
        counted.last_decided_on,
        effects.treated_decisions as measured_treated,
        effects.control_decisions as measured_control,
        1.0e0 * effects.crossovers / nullif(effects.control_decisions, 0) as crossover_share,
        1.0e0 * effects.taken_decisions / nullif(effects.treated_decisions, 0) as taken_share,
        effects.planned_control_share,
        1.0e0 * effects.control_decisions
        / nullif(effects.control_decisions + effects.treated_decisions, 0) as control_share,
        effects.sample_ratio_p,
        ratios.sample_ratio,
        effects.treated_mean,
        effects.control_mean,
        effects.effect,
        effects.standard_error,
        effects.interval_low,
        effects.interval_high,
        effects.p_value,
        effects.detectable_effect,
        effects.reason as effect_reason,
        judging.cost,
        judging.net_low,
        judging.net_high,
        judging.reason as judged_reason,
        judging.sample_ratio as judged_sample_ratio,
        judging.action is not null as is_judged
    from named
    cross join outcomes
    left join counted
        on named.action = counted.action
    left join effects
        on
            named.action = effects.action
            and outcomes.outcome = effects.outcome
    left join ratios
        on
            named.action = ratios.action
            and outcomes.outcome = ratios.outcome
    left join judging
        on
            named.action = judging.action
            and judging.basis_rank = 1

),

decided as (

    select
        joined.*,
        case
            when treated_decisions + control_decisions = 0 then 'not_decided'
            when not is_judged then 'windows_open'
            when judged_reason = 'too_few' and open_decisions > 0 then 'windows_open'
            when judged_reason is not null then judged_reason
            when judged_sample_ratio = 'off' then 'sample_ratio'
            when net_low <= 0 and net_high > 0 then 'not_seen'
        end as decision_reason
    from joined

)

select
    decided.action,
    decided.outcome,
    as_of.as_of_date,
    decided.action_owner,
    cast(decided.treated_decisions as bigint) as treated_decisions,
    cast(decided.taken_decisions as bigint) as taken_decisions,
    cast(decided.control_decisions as bigint) as control_decisions,
    cast(decided.suppressed_decisions as bigint) as suppressed_decisions,
    cast(decided.open_decisions as bigint) as open_decisions,
    decided.first_decided_on,
    decided.last_decided_on,
    cast(coalesce(decided.measured_treated, 0) as bigint) as measured_treated,
    cast(coalesce(decided.measured_control, 0) as bigint) as measured_control,
    cast(decided.taken_share as double) as taken_share,
    cast(decided.crossovers as bigint) as crossovers,
    cast(decided.crossover_share as double) as crossover_share,
    cast(decided.planned_control_share as double) as planned_control_share,
    cast(decided.control_share as double) as control_share,
    cast(decided.sample_ratio_p as double) as sample_ratio_p,
    decided.sample_ratio,
    {% for column in [
        'treated_mean', 'control_mean', 'effect', 'standard_error', 'interval_low', 'interval_high',
        'p_value', 'detectable_effect', 'cost'
    ] %}
        cast(decided.{{ column }} as double) as {{ column }},
    {% endfor %}
    coalesce(
        decided.effect_reason, case when decided.effect is null then decided.decision_reason end
    ) as effect_reason,
    case
        when decided.decision_reason in ('not_decided', 'too_few', 'no_variation', 'no_costs')
            then 'too_little_data'
        when decided.decision_reason is not null then 'wait'
        when decided.net_low > 0 then 'keep'
        else 'stop'
    end as decision,
    decided.decision_reason
from decided
cross join as_of
