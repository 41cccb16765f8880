{#- What was counted of each campaign and arm; all is every arm but the control group. -#}
with exposures as (

    select * from {{ ref('int_campaign_exposures') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

arms as (

    select
        campaign_id,
        assigned_arm as arm,
        is_exposed,
        is_responded,
        is_redeemed,
        contact_cost
    from exposures
    where assigned_arm is not null and assigned_arm <> 'control'

    union all

    select
        campaign_id,
        'all' as arm,
        is_exposed,
        is_responded,
        is_redeemed,
        contact_cost
    from exposures
    where assigned_arm is not null and assigned_arm <> 'control'

),

counted as (

    select
        campaign_id,
        arm,
        count(*) as customers,
        count(case when is_exposed then 1 end) as exposed_customers,
        count(case when is_responded then 1 end) as responded_customers,
        count(case when is_redeemed then 1 end) as redeemed_customers,
        sum(contact_cost) as contact_cost
    from arms
    group by
        campaign_id,
        arm

),

-- Nobody redeemed, and nobody's redemptions are on record, are two things.
recorded as (

    select
        count(case when is_redeemed then 1 end) > 0 as has_redemptions,
        count(case when is_redeemed or exposure_basis = 'contact' then 1 end) > 0 as has_responses
    from exposures

),

arm_counts as (

    select
        campaign_id,
        count(*) - 1 as arms
    from counted
    group by campaign_id

)

-- One arm alone is all of them.
select
    counted.campaign_id,
    counted.arm,
    counted.customers,
    counted.exposed_customers,
    case when recorded.has_responses then counted.responded_customers end as responded_customers,
    case when recorded.has_redemptions then counted.redeemed_customers end as redeemed_customers,
    coalesce(
        counted.contact_cost,
        case when counted.arm = 'all' then campaigns.budget_amount end
    ) as cost_amount,
    case
        when counted.contact_cost is not null then 'contacts'
        when counted.arm = 'all' and campaigns.budget_amount is not null then 'budget'
    end as cost_basis
from counted
inner join arm_counts
    on counted.campaign_id = arm_counts.campaign_id
inner join campaigns
    on counted.campaign_id = campaigns.campaign_id
cross join recorded
where
    counted.arm = 'all'
    or arm_counts.arms > 1
