{#- Every customer that any visible record names, and the first day one did. -#}
with profiles as (

    select * from {{ ref('stg_crm__customers') }}

),

orders as (

    select * from {{ ref('int_orders_classified') }}

),

touchpoints as (

    select * from {{ ref('stg_marketing__touchpoints') }}

),

coupon_redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}

),

campaign_targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

campaigns as (

    select * from {{ ref('stg_marketing__campaigns') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

activity as (

    select * from {{ ref('stg_crm__activity') }}

),

subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

surveys as (

    select * from {{ ref('stg_service__surveys') }}

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

mentions as (

    select
        customer_id,
        cast(registered_at as date) as seen_on
    from profiles

    union all

    -- A void order may lie beyond the last day observed.
    select
        orders.customer_id,
        case when orders.order_date < as_of.as_of_date then orders.order_date end as seen_on
    from orders
    cross join as_of

    union all

    select
        customer_id,
        cast(touched_at as date) as seen_on
    from touchpoints

    union all

    -- A redemption is a touch where its channel is known.
    select
        customer_id,
        redeemed_on as seen_on
    from coupon_redemptions
    where channel_id is not null

    union all

    select
        campaign_targets.customer_id,
        coalesce(campaign_targets.targeted_on, campaigns.start_date) as seen_on
    from campaign_targets
    left join campaigns
        on campaign_targets.campaign_id = campaigns.campaign_id

    union all

    select
        customer_id,
        enrolled_on as seen_on
    from accounts

    union all

    select
        customer_id,
        activity_date as seen_on
    from activity

    union all

    select
        customer_id,
        started_on as seen_on
    from subscriptions

    union all

    select
        customer_id,
        cast(responded_at as date) as seen_on
    from surveys

    union all

    select
        customer_id,
        cast(opened_at as date) as seen_on
    from tickets

)

select
    mentions.customer_id,
    cast(min(mentions.seen_on) as date) as first_seen_date
from mentions
where mentions.customer_id is not null
group by mentions.customer_id
