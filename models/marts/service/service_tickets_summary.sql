{#- A ticket's figures stand in the month in which it was opened; only what was closed is counted in
    the month of closing, so that the backlog follows from the month before. -#}
with tickets as (

    select * from {{ ref('int_service_tickets') }}

),

days as (

    select * from {{ ref('date_spine') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

desks as (

    select
        channel_id,
        reason_category,
        min(opened_month) as first_month
    from tickets
    group by
        channel_id,
        reason_category

),

-- Tickets may be older than the first order, from whose year on days are known.
months as (

    select distinct cast({{ dbt.date_trunc('month', 'days.date_day') }} as date) as ticket_month
    from days
    cross join as_of
    where days.date_day < as_of.as_of_date

    union

    select opened_month as ticket_month
    from tickets

    union

    select ended_month as ticket_month
    from tickets
    where ended_month is not null

),

desk_months as (

    select
        months.ticket_month,
        desks.channel_id,
        desks.reason_category
    from desks
    inner join months
        on desks.first_month <= months.ticket_month

),

opened as (

    select
        opened_month,
        channel_id,
        reason_category,
        count(*) as opened_count,
        count(case when ticket_type = 'complaint' then 1 end) as complaint_count,
        count(case when ticket_type = 'cancellation' then 1 end) as cancellation_count,
        count(first_answer_minutes) as answered_count,
        sum(coalesce(first_answer_minutes, 0)) as first_answer_minutes_total,
        {{ percentile('first_answer_minutes', 0.5) }} as first_answer_minutes_median,
        {{ percentile('first_answer_minutes', 0.9) }} as first_answer_minutes_p90,
        count(handling_seconds) as handled_count,
        sum(coalesce(handling_seconds, 0)) as handling_seconds_total,
        {{ percentile('handling_seconds', 0.5) }} as handling_seconds_median,
        {{ percentile('handling_seconds', 0.9) }} as handling_seconds_p90,
        count(resolution_minutes) as resolved_count,
        {{ percentile('resolution_minutes', 0.5) }} as resolution_minutes_median,
        {{ percentile('resolution_minutes', 0.9) }} as resolution_minutes_p90,
        count(case when is_reopened then 1 end) as reopened_count,
        count(case when is_target_due then 1 end) as target_due_count,
        count(case when is_target_due and is_within_target then 1 end) as within_target_count
    from tickets
    group by
        opened_month,
        channel_id,
        reason_category

),

ended as (

    select
        ended_month,
        channel_id,
        reason_category,
        count(*) as closed_count
    from tickets
    where ended_month is not null
    group by
        ended_month,
        channel_id,
        reason_category

),

joined as (

    select
        desk_months.ticket_month,
        desk_months.channel_id,
        desk_months.reason_category,
        coalesce(opened.opened_count, 0) as opened_count,
        coalesce(ended.closed_count, 0) as closed_count,
        coalesce(opened.complaint_count, 0) as complaint_count,
        coalesce(opened.cancellation_count, 0) as cancellation_count,
        coalesce(opened.answered_count, 0) as answered_count,
        coalesce(opened.first_answer_minutes_total, 0) as first_answer_minutes_total,
        opened.first_answer_minutes_median,
        opened.first_answer_minutes_p90,
        coalesce(opened.handled_count, 0) as handled_count,
        coalesce(opened.handling_seconds_total, 0) as handling_seconds_total,
        opened.handling_seconds_median,
        opened.handling_seconds_p90,
        coalesce(opened.resolved_count, 0) as resolved_count,
        opened.resolution_minutes_median,
        opened.resolution_minutes_p90,
        coalesce(opened.reopened_count, 0) as reopened_count,
        coalesce(opened.target_due_count, 0) as target_due_count,
        coalesce(opened.within_target_count, 0) as within_target_count
    from desk_months
    left join opened
        on
            desk_months.ticket_month = opened.opened_month
            and desk_months.channel_id = opened.channel_id
            and desk_months.reason_category = opened.reason_category
    left join ended
        on
            desk_months.ticket_month = ended.ended_month
            and desk_months.channel_id = ended.channel_id
            and desk_months.reason_category = ended.reason_category

),

carried as (

    select
        joined.*,
        sum(opened_count - closed_count) over (
            partition by channel_id, reason_category
            order by ticket_month
            rows between unbounded preceding and current row
        ) as backlog_count,
        within_target_count / cast(nullif(target_due_count, 0) as double) as within_target_share
    from joined

)

select
    carried.ticket_month,
    carried.channel_id,
    carried.reason_category,
    as_of.as_of_date,
    cast({{ var('ticket_target_hours') }} as bigint) as target_hours,
    cast(carried.opened_count as bigint) as opened_count,
    cast(carried.complaint_count as bigint) as complaint_count,
    cast(carried.cancellation_count as bigint) as cancellation_count,
    cast(carried.closed_count as bigint) as closed_count,
    cast(carried.backlog_count as bigint) as backlog_count,
    cast(carried.answered_count as bigint) as answered_count,
    cast(carried.first_answer_minutes_total as bigint) as first_answer_minutes_total,
    cast(carried.first_answer_minutes_median as bigint) as first_answer_minutes_median,
    cast(carried.first_answer_minutes_p90 as bigint) as first_answer_minutes_p90,
    cast(carried.handled_count as bigint) as handled_count,
    cast(carried.handling_seconds_total as bigint) as handling_seconds_total,
    cast(carried.handling_seconds_median as bigint) as handling_seconds_median,
    cast(carried.handling_seconds_p90 as bigint) as handling_seconds_p90,
    cast(carried.resolved_count as bigint) as resolved_count,
    cast(carried.resolution_minutes_median as bigint) as resolution_minutes_median,
    cast(carried.resolution_minutes_p90 as bigint) as resolution_minutes_p90,
    cast(carried.reopened_count as bigint) as reopened_count,
    cast(carried.reopened_count / cast(nullif(carried.opened_count, 0) as double) as double)
        as reopened_share,
    cast(carried.target_due_count as bigint) as target_due_count,
    cast(carried.within_target_count as bigint) as within_target_count,
    cast(carried.within_target_share as double) as within_target_share,
    cast(
        {{ wilson_bound('carried.within_target_share', 'carried.target_due_count', '-') }} as double
    )
        as within_target_share_low,
    cast(
        {{ wilson_bound('carried.within_target_share', 'carried.target_due_count', '+') }} as double
    )
        as within_target_share_high
from carried
cross join as_of
