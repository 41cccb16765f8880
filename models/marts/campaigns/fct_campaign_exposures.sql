{#- Who was chosen for a campaign and what became of it. A campaign without any contact on record is
    taken to have reached whom it chose. Who was reached or redeemed without having been chosen has
    a row without an arm. -#}
with windows as (

    select * from {{ ref('int_campaign_windows') }}

),

targets as (

    select * from {{ ref('stg_marketing__campaign_targets') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        campaign_id is not null
        and customer_id is not null
        and touch_source = 'touchpoint'

),

redemptions as (

    select * from {{ ref('stg_marketing__coupon_redemptions') }}
    where
        campaign_id is not null
        and customer_id is not null

),

contacts as (

    select
        campaign_id,
        customer_id,
        min(touch_date) as exposed_on,
        min(
            case
                when touch_type in ('open', 'impression', 'click', 'visit', 'call') then touched_at
            end
        )
            as viewed_at,
        min(case when touch_type in ('click', 'visit', 'call') then touch_date end) as responded_on,
        sum(cost_amount) as contact_cost
    from touchpoints
    group by
        campaign_id,
        customer_id

),

-- Whether anybody's contacts, and anybody's looks, are on record.
recorded as (

    select
        campaign_id,
        count(viewed_at) > 0 as has_views
    from contacts
    group by campaign_id

),

redeemed as (

    select
        campaign_id,
        customer_id,
        min(redeemed_on) as redeemed_on,
        count(*) as redemptions,
        sum(discount_amount) as discount_amount
    from redemptions
    group by
        campaign_id,
        customer_id

),

keys as (

    select
        campaign_id,
        customer_id
    from targets

    union distinct

    select
        campaign_id,
        customer_id
    from contacts

    union distinct

    select
        campaign_id,
        customer_id
    from redeemed

),

-- Campaigns whose days overlap, by customers of both.
overlapping as (

    select
        targets.campaign_id,
        targets.customer_id,
        count(*) as other_campaigns
    from targets
    inner join windows
        on targets.campaign_id = windows.campaign_id
    inner join targets as other_targets
        on
            targets.customer_id = other_targets.customer_id
            and targets.campaign_id <> other_targets.campaign_id
            and not other_targets.is_control
    inner join windows as other_windows
        on
            other_targets.campaign_id = other_windows.campaign_id
            and windows.measured_until >= other_windows.start_date
            and windows.start_date <= other_windows.measured_until
    where
        not windows.is_global_holdout
        and not other_windows.is_global_holdout
    group by
        targets.campaign_id,
        targets.customer_id

)

select
    keys.campaign_id,
    keys.customer_id,
    case
        when targets.is_control then 'control'
        when targets.customer_id is not null then coalesce(targets.variant, 'treated')
    end as assigned_arm,
    targets.customer_id is not null as is_assigned,
    targets.is_control,
    case
        when targets.customer_id is not null then coalesce(targets.targeted_on, windows.start_date)
    end
        as assigned_on,
    contacts.customer_id is not null
    or (recorded.campaign_id is null and coalesce(not targets.is_control, false)) as is_exposed,
    case
        when contacts.customer_id is not null then contacts.exposed_on
        when recorded.campaign_id is null and not targets.is_control
            then coalesce(targets.targeted_on, windows.start_date)
    end as exposed_on,
    case
        when contacts.customer_id is not null then 'contact'
        when recorded.campaign_id is null and not targets.is_control then 'assignment'
    end as exposure_basis,
    case when recorded.has_views then contacts.viewed_at is not null end as is_viewed,
    contacts.responded_on is not null or redeemed.customer_id is not null as is_responded,
    case
        when contacts.responded_on is null then redeemed.redeemed_on
        when redeemed.redeemed_on is null then contacts.responded_on
        else least(contacts.responded_on, redeemed.redeemed_on)
    end as responded_on,
    redeemed.customer_id is not null as is_redeemed,
    redeemed.redeemed_on,
    cast(coalesce(redeemed.redemptions, 0) as bigint) as redemptions,
    cast(redeemed.discount_amount as decimal(18, 2)) as discount_amount,
    cast(contacts.contact_cost as decimal(18, 2)) as contact_cost,
    cast(coalesce(overlapping.other_campaigns, 0) as bigint) as other_campaigns
from keys
left join windows
    on keys.campaign_id = windows.campaign_id
left join targets
    on
        keys.campaign_id = targets.campaign_id
        and keys.customer_id = targets.customer_id
left join contacts
    on
        keys.campaign_id = contacts.campaign_id
        and keys.customer_id = contacts.customer_id
left join recorded
    on keys.campaign_id = recorded.campaign_id
left join redeemed
    on
        keys.campaign_id = redeemed.campaign_id
        and keys.customer_id = redeemed.customer_id
left join overlapping
    on
        keys.campaign_id = overlapping.campaign_id
        and keys.customer_id = overlapping.customer_id
