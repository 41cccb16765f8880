with logged as (

    select
        action,
        count(*) as decisions
    from {{ ref('action_log') }}
    group by action

),

effects as (

    select
        action,
        outcome,
        treated_decisions + control_decisions + suppressed_decisions as decisions
    from {{ ref('action_effects') }}

)

select
    effects.action,
    effects.outcome,
    effects.decisions,
    logged.decisions as logged_decisions
from effects
full outer join logged
    on effects.action = logged.action
where coalesce(effects.decisions, -1) <> coalesce(logged.decisions, 0)
