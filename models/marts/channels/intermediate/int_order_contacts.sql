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

channels as (

    select * from {{ ref('dim_channels') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

-- Marketing gets the credit: a visit to a shop that a campaign brought about is the campaign's, one
-- without a source nobody's.
sourced as (

    select
        touchpoints.touchpoint_id,
        touchpoints.customer_id,
        touchpoints.touched_at,
        touchpoints.touch_date,
        touchpoints.touch_source,
        channels.channel_type,
        case
            when channels.channel_type = 'marketing' then touchpoints.channel_id
            when campaign_channels.channel_type = 'marketing' then campaigns.channel_id
        end as credited_channel_id
    from touchpoints
    inner join channels
        on touchpoints.channel_id = channels.channel_id
    left join campaigns
        on touchpoints.campaign_id = campaigns.campaign_id
    left join channels as campaign_channels
        on campaigns.channel_id = campaign_channels.channel_id

)

-- Campaigns and coupons carry a day only, and so does an order at midnight: then the day decides. A
-- contact whose time is known must come before an order whose time is known.
select
    orders.order_id,
    orders.order_date,
    orders.order_month,
    orders.net_revenue_after_returns as net_revenue,
    sourced.touchpoint_id,
    sourced.credited_channel_id,
    sourced.credited_channel_id is null and sourced.channel_type = 'sales' as is_direct,
    sourced.touched_at,
    {{ dbt.datediff('sourced.touch_date', 'orders.order_date', 'day') }} as days_before_order
from orders
inner join sourced
    on
        orders.customer_id = sourced.customer_id
        and orders.order_date >= sourced.touch_date
        and sourced.touch_date
        >= {{ dbt.dateadd('day', -1 * var('attribution_lookback_days'), 'orders.order_date') }}
where
    sourced.touch_source <> 'touchpoint'
    or sourced.touched_at <= orders.ordered_at
    or orders.ordered_at = cast(orders.order_date as timestamp)
