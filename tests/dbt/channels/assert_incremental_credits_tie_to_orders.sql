{# The steps are private to their domain, its tests included. -#}
{{ config(group="channels") }}

with credits as (

    select * from {{ ref('int_incremental_credits') }}

),

increments as (

    select * from {{ ref('channel_increments') }}
    where
        customer_kind = 'all'
        and increment_status = 'ok'

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

told as (

    select count(*) as channels
    from increments

),

credited_orders as (

    select
        order_id,
        sum(order_credit) as order_credit,
        min(order_credit) as lowest
    from credits
    group by order_id

),

credited_channels as (

    select
        channel_id,
        sum(order_credit) as order_credit,
        count(*) as touches
    from credits
    where channel_id <> '(baseline)'
    group by channel_id

)

select orders.order_id as wrong
from orders
cross join told
left join credited_orders
    on orders.order_id = credited_orders.order_id
where
    told.channels > 0
    and (
        credited_orders.order_credit is null
        or credited_orders.order_credit <> 1
        or credited_orders.lowest < 0
    )

union all

select credits.order_id as wrong
from credits
left join orders
    on credits.order_id = orders.order_id
where orders.order_id is null

union all

select credited_channels.channel_id as wrong
from credited_channels
left join increments
    on credited_channels.channel_id = increments.channel_id
where
    increments.channel_id is null
    or credited_channels.order_credit
    > increments.incremental_orders + 0.000001 * credited_channels.touches + 0.001
