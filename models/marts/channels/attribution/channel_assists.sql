with journey_touches as (

    select * from {{ ref('int_journey_touches') }}
    where is_conversion

),

channels as (

    select * from {{ ref('int_channel_keys') }}

),

-- An order counts once for a channel, however often the channel touched the customer before it.
channel_orders as (

    select
        channel_id,
        customer_kind,
        order_id,
        max(net_revenue) as net_revenue,
        max(contribution) as contribution,
        max(case when touch_position = 1 then 1 else 0 end) as is_first,
        max(case when touch_position = touch_count then 1 else 0 end) as is_last,
        max(touch_count) - count(*) as touches_of_others,
        sum(touch_position) as positions,
        sum(
            (touch_position - 1) / nullif(cast(touch_count - 1 as double), 0)
        ) as relative_positions,
        count(case when touch_count > 1 then 1 end) as placed_touches,
        count(*) as touches,
        max(days_before_end) as days_before_order
    from journey_touches
    group by
        channel_id,
        customer_kind,
        order_id

),

told_of as (

    select true as is_all

    union all

    select false as is_all

),

kinds as (

    select
        channel_orders.*,
        case when told_of.is_all then 'all' else channel_orders.customer_kind end as told_kind
    from channel_orders
    cross join told_of

),

summed as (

    select
        channel_id,
        told_kind as customer_kind,
        count(*) as touched_orders,
        sum(is_first) as first_orders,
        sum(is_last) as last_orders,
        count(case when touches_of_others = 0 then 1 end) as only_orders,
        sum(1 - is_last) as assisted_orders,
        sum(case when is_last = 0 then net_revenue else 0 end) as assisted_revenue,
        sum(case when is_last = 0 then contribution end) as assisted_contribution,
        sum(case when is_last = 1 then net_revenue else 0 end) as last_revenue,
        sum(touches) as touches,
        sum(positions) as positions,
        sum(relative_positions) as relative_positions,
        sum(placed_touches) as placed_touches,
        sum(days_before_order) as days_before_order
    from kinds
    group by
        channel_id,
        told_kind

)

select
    summed.channel_id,
    summed.customer_kind,
    channels.channel_name,
    cast(summed.touched_orders as bigint) as touched_orders,
    cast(summed.touches as bigint) as touches,
    cast(summed.first_orders as bigint) as first_orders,
    cast(summed.last_orders as bigint) as last_orders,
    cast(summed.only_orders as bigint) as only_orders,
    cast(summed.assisted_orders as bigint) as assisted_orders,
    cast(summed.assisted_revenue as decimal(18, 2)) as assisted_revenue,
    cast(summed.assisted_contribution as decimal(18, 2)) as assisted_contribution,
    cast(summed.last_revenue as decimal(18, 2)) as last_revenue,
    round(summed.assisted_orders / cast(nullif(summed.last_orders, 0) as double), 6)
        as assist_ratio,
    round(summed.assisted_orders / cast(nullif(summed.touched_orders, 0) as double), 6)
        as assisted_share,
    round(summed.positions / cast(nullif(summed.touches, 0) as double), 6) as mean_position,
    round(summed.relative_positions / cast(nullif(summed.placed_touches, 0) as double), 6)
        as mean_relative_position,
    round(summed.days_before_order / cast(nullif(summed.touched_orders, 0) as double), 6)
        as mean_days_before_order
from summed
inner join channels
    on summed.channel_id = channels.channel_id
