{%- set used = var('tier_criteria') -%}

with effects as (

    select * from {{ ref('stg_tiers__threshold_effects') }}

),

rules as (

    select * from {{ ref('int_tier_rules') }}

),

member_months as (

    select * from {{ ref('int_tier_member_months') }}

),

tiers as (

    select * from {{ ref('loyalty_tiers') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- What the rules give has to be what the programme gave, or the threshold is at another place.
agreement as (

    select
        cast(sum(case when tier_agreement = 'same' then 1 else 0 end) as double)
        / nullif(
            cast(
                sum(case when tier_agreement <> 'not_comparable' then 1 else 0 end) as double
            ),
            0
        ) as agreement_share,
        count(distinct tier_by_rule) as tiers_held
    from tiers
    having count(*) > 0

),

reviews as (

    select
        count(*) as reviews,
        sum(
            case
                when
                    {{ dbt.dateadd(
                        'day', var('tier_effect_days'), 'member_months.next_month_start'
                    ) }} <= as_of.as_of_date
                    then 1
                else 0
            end
        ) as covered_reviews,
        count(distinct member_months.earned_rank) as earned_tiers
    from member_months
    cross join as_of
    where member_months.earned_rank is not null

),

-- Where the first known criterion decides, the others have no threshold.
known as (

    select
        case
            {% for criterion in used %}
                when count({{ criterion }}_rank) > 0 then '{{ criterion }}'
            {% endfor %}
            else '{{ used[0] }}'
        end as first_criterion
    from member_months

),

outcomes as (

    {% for outcome in ['net_revenue', 'orders', 'stayed', 'net_revenue_before'] %}
        select '{{ outcome }}' as outcome
        {{ "union all" if not loop.last }}
    {% endfor %}

),

asked as (

    select
        rules.criterion,
        rules.tier,
        rules.tier_rank,
        rules.from_amount,
        rules.rule_problem
    from rules
    cross join known
    where
        rules.tier_rank > 1
        {% if var('tier_criteria_needed') == 'first' %}
            and rules.criterion = known.first_criterion
        {% else %}
            and rules.criterion in (
                '{{ used | join("', '") }}'
            )
        {% endif %}

    union all

    select
        effects.criterion,
        effects.tier,
        cast(null as bigint) as tier_rank,
        cast(null as decimal(18, 2)) as from_amount,
        cast(null as {{ dbt.type_string() }}) as rule_problem
    from effects
    where
        effects.tier = 'any_tier'
        and effects.outcome = 'net_revenue'

),

joined as (

    select
        asked.criterion,
        asked.tier,
        asked.tier_rank,
        outcomes.outcome,
        asked.from_amount,
        effects.reviewed_on,
        effects.effect,
        effects.standard_error,
        effects.effect_low,
        effects.effect_high,
        effects.p_value,
        effects.effect_conventional,
        effects.level_below,
        effects.bandwidth,
        effects.members_below,
        effects.members_above,
        effects.members_near_below,
        effects.members_near_above,
        effects.naive_difference,
        effects.naive_low,
        effects.naive_high,
        effects.density_ratio,
        effects.density_p_value,
        agreement.agreement_share,
        max(
            case
                when outcomes.outcome = 'net_revenue_before'
                    then
                        case
                            when effects.effect_low > 0 or effects.effect_high < 0 then 1 else 0
                        end
            end
        ) over (partition by asked.criterion, asked.tier) = 1 as is_placebo_off,
        case
            when effects.effect is not null then null
            when asked.rule_problem is not null then 'rules_do_not_fit'
            when effects.reason = 'nobody_near' and reviews.earned_tiers = 1 then 'one_tier'
            when effects.reason is not null then effects.reason
            when reviews.reviews = 0 then 'window_not_covered'
            when reviews.covered_reviews = 0 then 'outcome_not_covered'
            when reviews.earned_tiers = 1 then 'one_tier'
            else 'nobody_near'
        end as effect_reason
    from asked
    cross join outcomes
    cross join agreement
    cross join reviews
    left join effects
        on
            asked.criterion = effects.criterion
            and asked.tier = effects.tier
            and outcomes.outcome = effects.outcome

)

select
    joined.criterion,
    joined.tier,
    joined.outcome,
    as_of.as_of_date,
    joined.tier_rank,
    joined.from_amount,
    joined.reviewed_on,
    case
        when joined.reviewed_on is not null then cast({{ var('tier_effect_days') }} as bigint)
    end as effect_days,
    joined.effect,
    joined.standard_error,
    joined.effect_low,
    joined.effect_high,
    joined.p_value,
    joined.effect_conventional,
    joined.level_below,
    joined.bandwidth,
    joined.members_below,
    joined.members_above,
    joined.members_near_below,
    joined.members_near_above,
    joined.naive_difference,
    joined.naive_low,
    joined.naive_high,
    joined.density_ratio,
    joined.density_p_value,
    case
        when joined.density_p_value is null then 'cannot_tell'
        when joined.density_p_value < {{ var('tier_bunching_p_value') }} then 'bunching'
        else 'no_sign'
    end as bunching,
    joined.agreement_share,
    case
        when joined.effect is null then 'cannot_tell'
        when joined.effect_low <= 0 and joined.effect_high >= 0 then 'none'
        when
            coalesce(joined.density_p_value < {{ var('tier_bunching_p_value') }}, true)
            or coalesce(joined.is_placebo_off, false)
            or coalesce(joined.agreement_share < {{ var('tier_agreement_least_share') }}, false)
            then 'weak'
        else 'strong'
    end as evidence,
    joined.effect_reason
from joined
cross join as_of
