{#- Of the rate at which a customer orders at the time of an order, each touch's part is its own
    term: in a rate that is a sum this is the Shapley value. Credits are rounded as running totals
    and differenced, so that an order's add up to one. -#}
{%- set carried = var('incremental_carry_over_days') | int -%}

with exposures as (

    select * from {{ ref('int_incremental_exposures') }}
    where is_followed

),

effects as (

    select * from {{ ref('stg_incrementality__touch_effects') }}

),

increments as (

    select * from {{ ref('stg_incrementality__channel_increments') }}
    where
        customer_kind = 'all'
        and status = 'ok'

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

spans as (

    select
        customer_id,
        count(*) - 1 as later_orders,
        {{ dbt.datediff('min(order_date)', 'max(order_date)', 'day') }} as span_days
    from orders
    group by customer_id

),

base_rates as (

    select cast(sum(later_orders) as double) / nullif(sum(span_days), 0) as orders_per_day
    from spans

),

own_rates as (

    select
        spans.customer_id,
        (spans.later_orders + {{ var('incremental_prior_days') }} * base_rates.orders_per_day)
        / (spans.span_days + {{ var('incremental_prior_days') }}) as orders_per_day
    from spans
    cross join base_rates

),

near_orders as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        exposures.touchpoint_id,
        exposures.channel_id,
        exposures.is_campaign,
        exposures.is_repeat,
        case
            when orders.ordered_at = cast(orders.order_date as timestamp)
                then {{ dbt.datediff('exposures.touch_date', 'orders.order_date', 'day') }}
            else floor(
                {{ dbt.datediff('exposures.touched_at', 'orders.ordered_at', 'second') }} / 86400e0
            )
        end as days_after
    from orders
    inner join exposures
        on
            orders.customer_id = exposures.customer_id
            and orders.order_date >= exposures.touch_date
            and exposures.touch_date
            >= {{ dbt.dateadd('day', -1 * (carried + 1), 'orders.order_date') }}

),

added as (

    select
        near_orders.order_id,
        near_orders.customer_id,
        near_orders.touchpoint_id,
        near_orders.channel_id,
        effects.orders_added,
        sum(effects.orders_added) over (partition by near_orders.order_id) as all_orders_added
    from near_orders
    inner join effects
        on
            near_orders.channel_id = effects.channel_id
            and near_orders.is_campaign = effects.is_campaign
            and near_orders.is_repeat = effects.is_repeat
            and near_orders.days_after = effects.days_after

),

parts as (

    select
        added.order_id,
        added.touchpoint_id,
        added.channel_id,
        added.orders_added / (own_rates.orders_per_day + added.all_orders_added) as part
    from added
    inner join own_rates
        on added.customer_id = own_rates.customer_id

),

channel_parts as (

    select
        channel_id,
        sum(part) as all_parts
    from parts
    group by channel_id

),

-- Own rates are guesses, so that parts add up to about what the channel brings; this makes it
-- exact.
scaled as (

    select
        parts.order_id,
        parts.touchpoint_id,
        parts.channel_id,
        parts.part * increments.incremental_orders / nullif(channel_parts.all_parts, 0) as part
    from parts
    inner join channel_parts
        on parts.channel_id = channel_parts.channel_id
    inner join increments
        on parts.channel_id = increments.channel_id

),

running as (

    select
        order_id,
        touchpoint_id,
        channel_id,
        sum(part) over (
            partition by order_id order by touchpoint_id
            rows between unbounded preceding and current row
        ) as running_part,
        sum(part) over (partition by order_id) as all_parts
    from scaled

),

rounded as (

    select
        order_id,
        touchpoint_id,
        channel_id,
        cast(
            case when all_parts > 1 then running_part / all_parts else running_part end
            as decimal(18, 6)
        ) as running_credit
    from running

),

differenced as (

    select
        order_id,
        touchpoint_id,
        channel_id,
        cast(
            running_credit - lag(running_credit, 1, 0) over (
                partition by order_id order by touchpoint_id
            ) as decimal(18, 6)
        ) as order_credit
    from rounded

),

credited_orders as (

    select
        order_id,
        sum(order_credit) as order_credit
    from differenced
    group by order_id

),

told as (

    select count(*) as channels
    from increments

),

baselines as (

    select
        orders.order_id,
        1 - coalesce(credited_orders.order_credit, 0) as order_credit
    from orders
    cross join told
    left join credited_orders
        on orders.order_id = credited_orders.order_id
    where told.channels > 0

),

unioned as (

    select
        order_id,
        touchpoint_id,
        channel_id,
        order_credit
    from differenced

    union all

    select
        order_id,
        cast(null as string) as touchpoint_id,
        '(baseline)' as channel_id,
        order_credit
    from baselines

)

select
    order_id,
    touchpoint_id,
    channel_id,
    cast(order_credit as decimal(18, 6)) as order_credit
from unioned
where order_credit > 0
