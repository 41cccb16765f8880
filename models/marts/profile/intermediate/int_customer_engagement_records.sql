{#- What customers did besides buying, and what was sent to them, by kind. A visit may be recorded
    as an activity and as a contact of a channel: of two sources that record one kind, that with more
    counts. Kinds that the seed does not name are other activities, of which the days are counted,
    because nobody knows what their numbers measure. -#}
{%- set recent = "records.event_date >= windows.recent_start_date" -%}
{%- set earlier = "records.event_date >= windows.earlier_start_date"
    ~ " and records.event_date < windows.recent_start_date" -%}

with touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        touch_source <> 'coupon_redemption'
        and customer_id is not null

),

activity as (

    select * from {{ ref('stg_crm__activity') }}

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}
    where
        customer_id is not null
        and score is not null

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}
    where customer_id is not null

),

coupon_redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}

),

kinds as (

    select * from {{ ref('engagement_kinds') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

windows as (

    select
        {{ dbt.dateadd('day', -1 * var('engagement_window_days'), 'as_of_date') }}
            as recent_start_date,
        {{ dbt.dateadd('day', -2 * var('engagement_window_days'), 'as_of_date') }}
            as earlier_start_date
    from as_of

),

-- Questions of one sheet are answered together.
answered_sheets as (

    select
        customer_id,
        min(cast(responded_at as date)) as answered_on
    from surveys
    group by
        customer_id,
        coalesce(sheet_id, response_id),
        case when sheet_id is null then 'answer' else 'sheet' end

),

records as (

    select
        touchpoints.customer_id,
        kinds.engagement,
        'touchpoint' as source,
        touchpoints.touch_date as event_date,
        1 as times
    from touchpoints
    inner join kinds
        on
            touchpoints.touch_type = kinds.kind
            and kinds.source = 'touchpoint'

    union all

    select
        activity.customer_id,
        coalesce(kinds.engagement, 'other_activities') as engagement,
        'activity' as source,
        activity.activity_date as event_date,
        case when kinds.engagement is null then 1 else coalesce(activity.activity_count, 1) end
            as times
    from activity
    left join kinds
        on
            replace(replace(lower(trim(activity.activity_kind)), ' ', '_'), '-', '_') = kinds.kind
            and kinds.source = 'activity'

    union all

    select
        customer_id,
        'reviews' as engagement,
        'survey' as source,
        answered_on as event_date,
        1 as times
    from answered_sheets

    union all

    select
        customer_id,
        'service_contacts' as engagement,
        'ticket' as source,
        cast(opened_at as date) as event_date,
        1 as times
    from tickets

    union all

    select
        customer_id,
        'coupon_redemptions' as engagement,
        'redemption' as source,
        redeemed_on as event_date,
        1 as times
    from coupon_redemptions

),

counted as (

    select
        records.customer_id,
        records.engagement,
        records.source,
        sum(records.times) as times,
        sum(case when {{ recent }} then records.times else 0 end) as recent_times,
        sum(case when {{ earlier }} then records.times else 0 end) as earlier_times,
        min(records.event_date) as first_date,
        -- What is recorded as nothing did not happen.
        max(case when records.times > 0 then records.event_date end) as last_date
    from records
    cross join windows
    group by
        records.customer_id,
        records.engagement,
        records.source

)

select
    customer_id,
    engagement,
    cast(round(max(times)) as bigint) as times,
    cast(round(max(recent_times)) as bigint) as recent_times,
    cast(round(max(earlier_times)) as bigint) as earlier_times,
    min(first_date) as first_date,
    max(last_date) as last_date
from counted
group by
    customer_id,
    engagement
