{#- Opening a message and handing a coupon in are what customers do with a contact, and no
    contact. -#}
with touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        customer_id is not null
        and touch_source <> 'coupon_redemption'
        and touch_type <> 'open'

),

channels as (

    select * from {{ ref('dim_channels') }}
    where channel_type = 'marketing'

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

first_orders as (

    select
        customer_id,
        cast({{ dbt.dateadd('day', 1, 'min(order_date)') }} as date) as followed_from
    from orders
    group by customer_id

),

numbered as (

    select
        touchpoints.customer_id,
        touchpoints.channel_id,
        touchpoints.campaign_id is not null as is_campaign,
        touchpoints.touchpoint_id,
        touchpoints.touched_at,
        touchpoints.touch_date,
        row_number() over (
            partition by
                touchpoints.customer_id,
                touchpoints.channel_id,
                touchpoints.campaign_id is not null,
                touchpoints.touch_date
            order by touchpoints.touched_at, touchpoints.touchpoint_id
        ) as contact_number
    from touchpoints
    inner join channels
        on touchpoints.channel_id = channels.channel_id

),

sequenced as (

    select
        customer_id,
        channel_id,
        is_campaign,
        touchpoint_id,
        touched_at,
        touch_date,
        lag(touch_date) over (
            partition by customer_id, channel_id order by touched_at, touchpoint_id
        ) as previous_touch_date
    from numbered
    where contact_number = 1

)

select
    sequenced.touchpoint_id,
    sequenced.customer_id,
    sequenced.channel_id,
    sequenced.is_campaign,
    coalesce(
        {{ dbt.datediff('sequenced.previous_touch_date', 'sequenced.touch_date', 'day') }}
        <= {{ var('incremental_repeat_days') }},
        false
    ) as is_repeat,
    sequenced.touched_at,
    sequenced.touch_date,
    first_orders.followed_from,
    coalesce(sequenced.touch_date >= first_orders.followed_from, false) as is_followed
from sequenced
left join first_orders
    on sequenced.customer_id = first_orders.customer_id
