{#- A campaign's target is a touch where no contact of that campaign was recorded; the control group
    was never touched. -#}
with touchpoints as (

    select * from {{ ref('stg_marketing__touchpoints') }}

),

campaign_targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

campaigns as (

    select * from {{ ref('stg_marketing__campaigns') }}

),

coupon_redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}

),

contacts as (

    select distinct
        campaign_id,
        customer_id
    from touchpoints
    where
        campaign_id is not null
        and customer_id is not null

),

unioned as (

    select
        touchpoint_id,
        customer_id,
        channel_id,
        campaign_id,
        'touchpoint' as touch_source,
        touch_type,
        touched_at,
        cast(null as string) as order_id,
        cost_amount
    from touchpoints

    union all

    select
        'target-' || campaign_targets.campaign_id || '-' || campaign_targets.customer_id
            as touchpoint_id,
        campaign_targets.customer_id,
        campaigns.channel_id,
        campaign_targets.campaign_id,
        'campaign_target' as touch_source,
        'sent' as touch_type,
        cast(coalesce(campaign_targets.targeted_on, campaigns.start_date) as timestamp)
            as touched_at,
        cast(null as string) as order_id,
        cast(null as decimal(18, 2)) as cost_amount
    from campaign_targets
    inner join campaigns
        on campaign_targets.campaign_id = campaigns.campaign_id
    left join contacts
        on
            campaign_targets.campaign_id = contacts.campaign_id
            and campaign_targets.customer_id = contacts.customer_id
    where
        not campaign_targets.is_control
        and campaigns.channel_id is not null
        and contacts.customer_id is null

    union all

    select
        'redemption-' || redemption_id as touchpoint_id,
        customer_id,
        channel_id,
        campaign_id,
        'coupon_redemption' as touch_source,
        'redemption' as touch_type,
        cast(redeemed_on as timestamp) as touched_at,
        order_id,
        cast(null as decimal(18, 2)) as cost_amount
    from coupon_redemptions
    where channel_id is not null

)

select
    unioned.touchpoint_id,
    unioned.customer_id,
    unioned.channel_id,
    unioned.campaign_id,
    unioned.touch_source,
    unioned.touch_type,
    unioned.touched_at,
    cast(unioned.touched_at as date) as touch_date,
    unioned.order_id,
    unioned.cost_amount
from unioned
