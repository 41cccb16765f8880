with exposures as (

    select
        campaign_id,
        count(case when is_assigned and not is_control then 1 end) as targeted_customers,
        count(case when is_control then 1 end) as control_customers,
        sum(redemptions) as redemptions
    from {{ ref('fct_campaign_exposures') }}
    group by campaign_id

),

redemptions as (

    select
        campaign_id,
        count(*) as redemptions
    from {{ ref('stg_marketing__coupon_redemptions') }}
    where
        campaign_id is not null
        and customer_id is not null
    group by campaign_id

),

funnel as (

    select
        campaign_id,
        sum(redemptions) as redemptions
    from {{ ref('coupon_funnel') }}
    group by campaign_id

),

held_back as (

    select
        campaign_id,
        sum(redemptions) as redemptions
    from {{ ref('fct_campaign_exposures') }}
    where is_control
    group by campaign_id

)

select campaigns.campaign_id
from {{ ref('dim_campaigns') }} as campaigns
left join exposures
    on campaigns.campaign_id = exposures.campaign_id
left join redemptions
    on campaigns.campaign_id = redemptions.campaign_id
left join funnel
    on campaigns.campaign_id = funnel.campaign_id
left join held_back
    on campaigns.campaign_id = held_back.campaign_id
where
    campaigns.targeted_customers <> coalesce(exposures.targeted_customers, 0)
    or campaigns.control_customers <> coalesce(exposures.control_customers, 0)
    or coalesce(redemptions.redemptions, 0) <> coalesce(exposures.redemptions, 0)
    or coalesce(redemptions.redemptions, 0)
    <> coalesce(funnel.redemptions, 0) + coalesce(held_back.redemptions, 0)
