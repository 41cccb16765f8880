{#- A ticket with what became of it until the last day observed. It ends when it was resolved or,
    where that is not known, when it was closed; one opened again since is open. -#}
with tickets as (

    select * from {{ ref('stg_service__tickets') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

ended as (

    select
        tickets.*,
        case
            when
                coalesce(tickets.resolved_at, tickets.closed_at)
                < cast(as_of.as_of_date as timestamp)
                then coalesce(tickets.resolved_at, tickets.closed_at)
        end as last_ended_at
    from tickets
    cross join as_of

),

timed as (

    select
        ended.*,
        case
            when reopened_at is not null and reopened_at > last_ended_at then null
            else last_ended_at
        end as ended_at
    from ended

)

select
    timed.ticket_id,
    timed.customer_id,
    cast(timed.opened_at as date) as opened_on,
    cast({{ dbt.date_trunc('month', 'timed.opened_at') }} as date) as opened_month,
    cast(timed.ended_at as date) as ended_on,
    cast({{ dbt.date_trunc('month', 'timed.ended_at') }} as date) as ended_month,
    coalesce(timed.channel_id, 'unknown') as channel_id,
    timed.ticket_type,
    coalesce(timed.reason_category, 'unknown') as reason_category,
    timed.handling_seconds,
    {{ dbt.datediff('timed.opened_at', 'timed.first_answered_at', 'minute') }}
        as first_answer_minutes,
    {{ dbt.datediff('timed.opened_at', 'timed.ended_at', 'minute') }} as resolution_minutes,
    timed.reopened_at is not null as is_reopened,
    timed.ended_at is null as is_open,
    -- Over before the target or past it: what is open and has time left can still be either.
    coalesce(
        timed.ended_at
        <= {{ dbt.dateadd('hour', var('ticket_target_hours'), 'timed.opened_at') }}, false
    ) as is_within_target,
    timed.ended_at is not null
    or {{ dbt.dateadd('hour', var('ticket_target_hours'), 'timed.opened_at') }}
    < cast(as_of.as_of_date as timestamp) as is_target_due
from timed
cross join as_of
