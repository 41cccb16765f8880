{#- What is reported back, and of what was exported that which nobody has reported on yet. An
    export knows who was held back by its lot; a report that does not say so takes that from it.
    -#}
with reported as (

    select * from {{ ref('stg_marketing__action_log') }}

),

exports as (

    select * from {{ source('actions_state', 'action_exports') }}

),

actions as (

    select * from {{ ref('actions') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

visible_exports as (

    select exports.*
    from exports
    cross join as_of
    where exports.decided_on < as_of.as_of_date

),

unioned as (

    select
        reported.decision_id,
        reported.action,
        reported.customer_id,
        cast(reported.decided_at as date) as decided_on,
        reported.outcome,
        coalesce(visible_exports.is_control, reported.is_control) as is_control,
        coalesce(
            visible_exports.control_share, cast(reported.control_share as double)
        ) as control_share,
        reported.reason,
        'reported' as log_source,
        coalesce(reported.action_owner, visible_exports.action_owner) as action_owner,
        coalesce(reported.channel_id, visible_exports.channel_id) as channel_id,
        coalesce(reported.cost_amount, visible_exports.cost_amount) as cost_amount,
        coalesce(visible_exports.window_days, reported.window_days) as window_days
    from reported
    left join visible_exports
        on reported.decision_id = visible_exports.decision_id

    union all

    select
        visible_exports.decision_id,
        visible_exports.action,
        visible_exports.customer_id,
        visible_exports.decided_on,
        visible_exports.outcome,
        visible_exports.is_control,
        visible_exports.control_share,
        visible_exports.reason,
        'exported' as log_source,
        visible_exports.action_owner,
        visible_exports.channel_id,
        visible_exports.cost_amount,
        visible_exports.window_days
    from visible_exports
    left join reported
        on visible_exports.decision_id = reported.decision_id
    where reported.decision_id is null

),

filled as (

    select
        unioned.decision_id,
        unioned.action,
        unioned.customer_id,
        unioned.decided_on,
        unioned.outcome,
        unioned.is_control,
        unioned.control_share,
        unioned.reason,
        unioned.log_source,
        unioned.channel_id,
        actions.is_contact,
        coalesce(unioned.action_owner, actions.action_owner) as action_owner,
        coalesce(unioned.cost_amount, actions.cost_amount) as cost_amount,
        coalesce(
            unioned.window_days, actions.window_days, {{ var('action_window_days') }}
        ) as window_days
    from unioned
    left join actions
        on unioned.action = actions.action

),

dated as (

    select
        filled.*,
        cast({{ dbt.dateadd('day', 'window_days', 'decided_on') }} as date) as window_ends_on
    from filled

)

select
    dated.decision_id,
    dated.action,
    dated.customer_id,
    as_of.as_of_date,
    dated.decided_on,
    dated.outcome,
    case
        when dated.outcome = 'suppressed' then 'none'
        when dated.is_control then 'control'
        else 'treated'
    end as arm,
    dated.is_control and dated.outcome = 'taken' as is_crossover,
    dated.control_share,
    dated.reason,
    dated.log_source,
    dated.action_owner,
    dated.channel_id,
    cast(dated.cost_amount as decimal(18, 2)) as cost_amount,
    coalesce(dated.is_contact, true) as is_contact,
    cast(dated.window_days as bigint) as window_days,
    dated.window_ends_on,
    dated.window_ends_on <= as_of.as_of_date as is_over
from dated
cross join as_of
