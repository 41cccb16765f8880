with campaigns as (

    select * from {{ ref('stg_marketing__campaigns') }}

),

campaign_targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

target_counts as (

    select
        campaign_id,
        count(case when not is_control then 1 end) as targeted_customers,
        count(case when is_control then 1 end) as control_customers
    from campaign_targets
    group by campaign_id

)

select
    campaigns.campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_type,
    campaigns.channel_id,
    campaigns.start_date,
    campaigns.end_date,
    campaigns.objective,
    campaigns.budget_amount,
    cast(coalesce(target_counts.targeted_customers, 0) as bigint) as targeted_customers,
    cast(coalesce(target_counts.control_customers, 0) as bigint) as control_customers
from campaigns
left join target_counts
    on campaigns.campaign_id = target_counts.campaign_id
