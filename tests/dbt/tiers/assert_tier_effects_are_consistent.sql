select
    criterion,
    tier,
    outcome
from {{ ref('loyalty_tier_effects') }}
where
    effect not between effect_low and effect_high
    or (effect is null) = (effect_reason is null)
    or (effect is null) <> (evidence = 'cannot_tell')

union all

select
    'joining' as criterion,
    term as tier,
    outcome
from {{ ref('loyalty_join_effects') }}
where
    estimate not between interval_low and interval_high
    or (estimate is null) = (effect_reason is null)

union all

select
    criterion,
    tier,
    attribute as outcome
from {{ ref('loyalty_tier_fairness') }}
where
    qualifying_members > members
    or also_by_programme_members > qualifying_members
