{#- How much of the active base may be contacted, and how much of that a marketing channel
    reached. By month; of twelve months the sums, so that their rates are means of the months. -#}
with history as (

    select * from {{ ref('customer_lifecycle_history') }}

),

stages as (

    select * from {{ ref('dim_lifecycle_stages') }}
    where is_active

),

customers as (

    select * from {{ ref('dim_customers') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        touch_source <> 'coupon_redemption'
        and customer_id is not null

),

channels as (

    select * from {{ ref('dim_channels') }}
    where channel_type = 'marketing'

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

consents as (

    select count(has_marketing_consent) > 0 as is_recorded
    from customers

),

active as (

    select
        history.customer_id,
        cast({{ dbt.date_trunc('month', 'history.month_end') }} as date) as activity_month,
        coalesce(customers.has_marketing_consent, false) as is_contactable
    from history
    inner join stages
        on history.lifecycle_stage = stages.lifecycle_stage
    inner join customers
        on history.customer_id = customers.customer_id

),

bases as (

    select
        activity_month,
        count(*) as active_customers,
        count(case when is_contactable then 1 end) as contactable_customers
    from active
    group by activity_month

),

touched as (

    select
        touchpoints.channel_id,
        touchpoints.customer_id,
        cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date) as activity_month
    from touchpoints
    inner join channels
        on touchpoints.channel_id = channels.channel_id
    group by
        touchpoints.channel_id,
        touchpoints.customer_id,
        cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date)

),

reached as (

    select
        touched.channel_id,
        touched.activity_month,
        count(*) as reached_customers
    from touched
    inner join active
        on
            touched.customer_id = active.customer_id
            and touched.activity_month = active.activity_month
    where active.is_contactable
    group by
        touched.channel_id,
        touched.activity_month

),

channel_months as (

    select
        touched.channel_id,
        touched.activity_month
    from touched
    group by
        touched.channel_id,
        touched.activity_month

),

summed as (

    select
        periods.period_grain,
        periods.period_start,
        channel_months.channel_id,
        sum(bases.active_customers) as active_customers,
        sum(bases.contactable_customers) as contactable_customers,
        sum(coalesce(reached.reached_customers, 0)) as reached_customers
    from channel_months
    inner join periods
        on channel_months.activity_month = periods.activity_month
    inner join bases
        on channel_months.activity_month = bases.activity_month
    left join reached
        on
            channel_months.channel_id = reached.channel_id
            and channel_months.activity_month = reached.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        channel_months.channel_id

)

select
    summed.period_grain,
    summed.period_start,
    summed.channel_id,
    round(
        summed.contactable_customers / cast(nullif(summed.active_customers, 0) as double), 9
    ) as coverage,
    round(
        summed.reached_customers / cast(nullif(summed.contactable_customers, 0) as double), 9
    ) as reached_share
from summed
cross join consents
where consents.is_recorded
