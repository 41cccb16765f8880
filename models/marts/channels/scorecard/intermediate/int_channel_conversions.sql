{#- Of the customers whom a channel reached in a month, how many bought within the lookback:
    anything after a marketing contact, through the channel itself after a visit of a sales
    channel. The next purchase is found in one pass, however many contacts and purchases a
    customer has. -#}
{%- set days = var('attribution_lookback_days') -%}
with touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        touch_source <> 'coupon_redemption'
        and customer_id is not null

),

channels as (

    select * from {{ ref('dim_channels') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

contacts as (

    select
        touchpoints.customer_id,
        touchpoints.channel_id,
        case when channels.channel_type = 'sales' then touchpoints.channel_id else '' end
            as bought_through,
        cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date) as activity_month,
        min(touchpoints.touch_date) as event_date
    from touchpoints
    inner join channels
        on touchpoints.channel_id = channels.channel_id
    group by
        touchpoints.customer_id,
        touchpoints.channel_id,
        case when channels.channel_type = 'sales' then touchpoints.channel_id else '' end,
        cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date)

),

contacted_through as (

    select bought_through
    from contacts
    group by bought_through

),

purchases as (

    select
        customer_id,
        '' as bought_through,
        order_date as event_date
    from orders
    group by
        customer_id,
        order_date

    union all

    select
        orders.customer_id,
        orders.channel_id as bought_through,
        orders.order_date as event_date
    from orders
    inner join contacted_through
        on orders.channel_id = contacted_through.bought_through
    group by
        orders.customer_id,
        orders.channel_id,
        orders.order_date

),

events as (

    select
        customer_id,
        bought_through,
        event_date,
        channel_id,
        activity_month,
        cast(null as date) as order_date
    from contacts

    union all

    select
        customer_id,
        bought_through,
        event_date,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as date) as activity_month,
        event_date as order_date
    from purchases

),

followed as (

    select
        channel_id,
        activity_month,
        event_date,
        min(order_date) over (
            partition by customer_id, bought_through
            order by event_date
            range between current row and unbounded following
        ) as next_order_date
    from events

),

months as (

    select
        followed.channel_id,
        followed.activity_month,
        count(*) as contacted_customers,
        count(
            case
                when
                    followed.next_order_date
                    <= {{ dbt.dateadd('day', days, 'followed.event_date') }}
                    then 1
            end
        ) as converted_customers,
        max({{ dbt.dateadd('day', days, 'followed.event_date') }}) < max(as_of.as_of_date)
            as is_mature
    from followed
    cross join as_of
    where followed.channel_id is not null
    group by
        followed.channel_id,
        followed.activity_month

),

summed as (

    select
        periods.period_grain,
        periods.period_start,
        months.channel_id,
        sum(months.contacted_customers) as contacted_customers,
        sum(case when months.is_mature then months.contacted_customers end) as due_customers,
        sum(case when months.is_mature then months.converted_customers end) as converted_customers
    from months
    inner join periods
        on months.activity_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        months.channel_id

),

shared as (

    select
        summed.*,
        converted_customers / cast(nullif(due_customers, 0) as double) as conversion_rate
    from summed

)

select
    period_grain,
    period_start,
    channel_id,
    cast(contacted_customers as bigint) as contacted_customers,
    cast(converted_customers as bigint) as converted_customers,
    round(conversion_rate, 9) as conversion_rate,
    {{ wilson_bound('conversion_rate', 'cast(due_customers as double)', '-') }}
        as conversion_rate_low,
    {{ wilson_bound('conversion_rate', 'cast(due_customers as double)', '+') }}
        as conversion_rate_high
from shared
