{#- Campaigns and coupons carry a day only, and so does an order at midnight: then the day decides,
    so the former stand at the beginning of their day and the latter at its end. A coupon that names
    its order was handed in with it. -#}
{%- set lookback = var('attribution_lookback_days') -%}
with orders as (

    select
        order_id,
        customer_id,
        customer_order_number,
        order_date,
        order_month,
        net_revenue_after_returns as net_revenue,
        contribution_amount as contribution,
        case
            when ordered_at = cast(order_date as timestamp)
                then {{ dbt.dateadd('second', 86399, 'ordered_at') }}
            else ordered_at
        end as placed_at
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        channel_id is not null
        and customer_id is not null

),

channels as (

    select * from {{ ref('int_channel_keys') }}

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
        touchpoints.order_id,
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

),

contacts as (

    select
        sourced.touchpoint_id,
        sourced.customer_id,
        sourced.credited_channel_id as channel_id,
        sourced.credited_channel_id is null as is_direct,
        orders.customer_order_number as own_order_number,
        coalesce(orders.placed_at, cast(sourced.touched_at as timestamp)) as happened_at
    from sourced
    left join orders
        on
            sourced.order_id = orders.order_id
            and sourced.customer_id = orders.customer_id
    where
        sourced.credited_channel_id is not null
        or sourced.channel_type = 'sales'

),

contacted_customers as (

    select distinct customer_id
    from contacts

),

events as (

    select
        customer_id,
        happened_at,
        0 as is_order,
        touchpoint_id,
        channel_id,
        is_direct,
        own_order_number,
        cast(null as bigint) as customer_order_number
    from contacts

    union all

    select
        orders.customer_id,
        orders.placed_at as happened_at,
        1 as is_order,
        cast(null as string) as touchpoint_id,
        cast(null as string) as channel_id,
        cast(null as boolean) as is_direct,
        cast(null as bigint) as own_order_number,
        orders.customer_order_number
    from orders
    inner join contacted_customers
        on orders.customer_id = contacted_customers.customer_id

),

followed as (

    select
        customer_id,
        happened_at,
        is_order,
        touchpoint_id,
        channel_id,
        is_direct,
        coalesce(
            own_order_number,
            min(customer_order_number) over (
                partition by customer_id
                order by happened_at, is_order
                rows between current row and unbounded following
            )
        ) as next_order_number
    from events

),

joined as (

    select
        followed.touchpoint_id,
        followed.customer_id,
        followed.channel_id,
        followed.is_direct,
        followed.happened_at as touched_at,
        cast(followed.happened_at as date) as touch_date,
        followed.next_order_number,
        orders.order_id,
        orders.order_date,
        orders.order_month,
        orders.net_revenue,
        orders.contribution,
        coalesce(
            orders.order_date
            <= {{ dbt.dateadd('day', lookback, 'cast(followed.happened_at as date)') }},
            false
        ) as is_conversion
    from followed
    left join orders
        on
            followed.customer_id = orders.customer_id
            and followed.next_order_number = orders.customer_order_number
    where followed.is_order = 0

)

select
    touchpoint_id,
    customer_id,
    channel_id,
    is_direct,
    touched_at,
    touch_date,
    next_order_number,
    is_conversion,
    case when is_conversion then order_id end as order_id,
    case when is_conversion then order_date end as order_date,
    case when is_conversion then order_month end as order_month,
    case when is_conversion then net_revenue end as net_revenue,
    case when is_conversion then contribution end as contribution
from joined
