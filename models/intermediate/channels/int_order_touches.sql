with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where channel_id is not null

),

-- Campaigns and coupons carry a day only, so a day decides; a contact whose time is known must also
-- come before the order.
order_touches as (

    select
        orders.order_id,
        orders.order_date,
        orders.order_month,
        orders.net_revenue_after_returns as net_revenue,
        touchpoints.touchpoint_id,
        touchpoints.channel_id,
        touchpoints.touched_at,
        {{ dbt.datediff('touchpoints.touch_date', 'orders.order_date', 'day') }}
            as days_before_order
    from orders
    inner join touchpoints
        on
            orders.customer_id = touchpoints.customer_id
            and orders.order_date >= touchpoints.touch_date
            and touchpoints.touch_date
            >= {{ dbt.dateadd('day', -1 * var('attribution_lookback_days'), 'orders.order_date') }}
    where
        touchpoints.touch_source <> 'touchpoint'
        or touchpoints.touched_at <= orders.ordered_at

)

select
    order_id,
    order_date,
    order_month,
    net_revenue,
    touchpoint_id,
    channel_id,
    cast(days_before_order as bigint) as days_before_order,
    cast(
        row_number() over (partition by order_id order by touched_at, touchpoint_id) as bigint
    ) as touch_position,
    cast(count(*) over (partition by order_id) as bigint) as touch_count
from order_touches
