with effects as (

    select * from {{ ref('stg_membership__join_effects') }}

),

members as (

    select * from {{ ref('int_tier_members') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

membership as (

    select count(*) as members
    from members
    having count(*) > 0

),

outcomes as (

    select 'net_revenue' as outcome
    union all
    select 'orders' as outcome

),

-- A row for the effect in any case, so that it is said why there is none.
told as (

    select
        outcomes.outcome,
        coalesce(effects.term, 'effect') as term,
        coalesce(effects.months_from_joining, {{ var('join_effect_months') }})
            as months_from_joining,
        effects.estimate,
        effects.standard_error,
        effects.interval_low,
        effects.interval_high,
        effects.p_value,
        effects.breakdown_value,
        coalesce(effects.customers, 0) as customers,
        max(
            case
                when effects.term = 'placebo'
                    then
                        case
                            when effects.interval_low > 0 or effects.interval_high < 0 then 1
                            else 0
                        end
            end
        ) over (partition by outcomes.outcome) as is_placebo_off,
        case
            when effects.estimate is not null then null
            else coalesce(effects.reason, 'nobody_enrolled')
        end as effect_reason
    from membership
    cross join outcomes
    left join effects
        on outcomes.outcome = effects.outcome

)

select
    told.outcome,
    told.term,
    told.months_from_joining,
    as_of.as_of_date,
    told.estimate,
    told.standard_error,
    told.interval_low,
    told.interval_high,
    told.p_value,
    told.breakdown_value,
    told.customers,
    case
        when told.term <> 'effect' then null
        when told.estimate is null then 'cannot_tell'
        when told.interval_low <= 0 and told.interval_high >= 0 then 'none'
        when coalesce(told.is_placebo_off, 1) = 1 or coalesce(told.breakdown_value, 0) < 1
            then 'weak'
        else 'strong'
    end as evidence,
    told.effect_reason
from told
cross join as_of
