with exposures as (

    select * from {{ ref('fct_campaign_exposures') }}
    where not coalesce(is_control, false)

),

variants as (

    select * from {{ ref('stg_marketing__campaign_variants') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        campaign_id is not null
        and customer_id is not null
        and touch_source = 'touchpoint'
        and touch_type in ('open', 'impression', 'click', 'visit', 'call')

),

redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}
    where
        campaign_id is not null
        and customer_id is not null

),

orders as (

    select * from {{ ref('fct_orders') }}

),

first_views as (

    select
        campaign_id,
        customer_id,
        min(touched_at) as viewed_at
    from touchpoints
    group by
        campaign_id,
        customer_id

),

-- A redemption of which only the day is known may have come after a look on that day.
redeemed as (

    select
        redemptions.campaign_id,
        redemptions.customer_id,
        count(*) as redemptions,
        count(
            case
                when first_views.viewed_at is null then 1
                when coalesce(redemptions.redeemed_at, orders.ordered_at) is not null
                    then
                        case
                            when
                                first_views.viewed_at
                                > coalesce(redemptions.redeemed_at, orders.ordered_at)
                                then 1
                        end
                when cast(first_views.viewed_at as date) > redemptions.redeemed_on then 1
            end
        ) as redemptions_unseen
    from redemptions
    left join orders
        on redemptions.order_id = orders.order_id
    left join first_views
        on
            redemptions.campaign_id = first_views.campaign_id
            and redemptions.customer_id = first_views.customer_id
    group by
        redemptions.campaign_id,
        redemptions.customer_id

),

counted as (

    select
        exposures.campaign_id,
        coalesce(exposures.assigned_arm, 'not_chosen') as arm,
        count(case when exposures.is_exposed then 1 end) as received_customers,
        count(exposures.is_viewed) > 0 as has_views,
        count(case when exposures.is_viewed then 1 end) as viewed_customers,
        count(case when exposures.is_redeemed then 1 end) as redeemed_customers,
        count(case when redeemed.redemptions_unseen = redeemed.redemptions then 1 end)
            as redeemed_unseen_customers,
        coalesce(sum(redeemed.redemptions), 0) as redemptions,
        coalesce(sum(redeemed.redemptions_unseen), 0) as redemptions_unseen,
        sum(exposures.discount_amount) as discount_amount
    from exposures
    left join redeemed
        on
            exposures.campaign_id = redeemed.campaign_id
            and exposures.customer_id = redeemed.customer_id
    group by
        exposures.campaign_id,
        coalesce(exposures.assigned_arm, 'not_chosen')

)

select
    counted.campaign_id,
    counted.arm,
    variants.offer_type,
    cast(counted.received_customers as bigint) as received_customers,
    cast(case when counted.has_views then counted.viewed_customers end as bigint)
        as viewed_customers,
    cast(counted.redeemed_customers as bigint) as redeemed_customers,
    cast(case when counted.has_views then counted.redeemed_unseen_customers end as bigint)
        as redeemed_unseen_customers,
    cast(counted.redemptions as bigint) as redemptions,
    cast(case when counted.has_views then counted.redemptions_unseen end as bigint)
        as redemptions_unseen,
    cast(counted.discount_amount as decimal(18, 2)) as discount_amount,
    round(
        cast(
            case
                when
                    counted.has_views
                    then 1.0e0 * counted.viewed_customers / nullif(counted.received_customers, 0)
            end
            as double
        ),
        6
    ) as viewed_share,
    round(
        cast(
            case
                when
                    counted.arm <> 'not_chosen'
                    then 1.0e0 * counted.redeemed_customers / nullif(counted.received_customers, 0)
            end as double
        ),
        6
    )
        as redeemed_share,
    case when not counted.has_views then 'no_views' end as reason
from counted
left join variants
    on
        counted.campaign_id = variants.campaign_id
        and counted.arm = variants.variant
