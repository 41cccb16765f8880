{#- Who was chosen for a campaign and what became of it. A campaign without a contact on record or a
    coupon in a customer's name is taken to have reached whom it chose. Who was reached or redeemed
    without having been chosen has a row without an arm. -#}
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

coupons as (

    select * from {{ ref('stg_marketing__coupons') }}
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

issued as (

    select
        coupons.campaign_id,
        coupons.customer_id,
        min(coalesce(coupons.issued_on, windows.start_date)) as issued_on
    from coupons
    left join windows
        on coupons.campaign_id = windows.campaign_id
    group by
        coupons.campaign_id,
        coupons.customer_id

),

reached as (

    select
        coalesce(contacts.campaign_id, issued.campaign_id) as campaign_id,
        coalesce(contacts.customer_id, issued.customer_id) as customer_id,
        coalesce(contacts.exposed_on, issued.issued_on) as exposed_on,
        case when contacts.customer_id is null then 'coupon' else 'contact' end as exposure_basis,
        contacts.viewed_at,
        contacts.responded_on,
        contacts.contact_cost
    from contacts
    full outer join issued
        on
            contacts.campaign_id = issued.campaign_id
            and contacts.customer_id = issued.customer_id

),

-- Whether it is on record whom a campaign reached, and whether anybody's looks are.
recorded as (

    select
        campaign_id,
        count(viewed_at) > 0 as has_views
    from reached
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
    from reached

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
    reached.customer_id is not null
    or (recorded.campaign_id is null and coalesce(not targets.is_control, false)) as is_exposed,
    case
        when reached.customer_id is not null then reached.exposed_on
        when recorded.campaign_id is null and not targets.is_control
            then coalesce(targets.targeted_on, windows.start_date)
    end as exposed_on,
    case
        when reached.customer_id is not null then reached.exposure_basis
        when recorded.campaign_id is null and not targets.is_control then 'assignment'
    end as exposure_basis,
    case when recorded.has_views then reached.viewed_at is not null end as is_viewed,
    reached.responded_on is not null or redeemed.customer_id is not null as is_responded,
    case
        when reached.responded_on is null then redeemed.redeemed_on
        when redeemed.redeemed_on is null then reached.responded_on
        else least(reached.responded_on, redeemed.redeemed_on)
    end as responded_on,
    redeemed.customer_id is not null as is_redeemed,
    redeemed.redeemed_on,
    cast(coalesce(redeemed.redemptions, 0) as bigint) as redemptions,
    cast(redeemed.discount_amount as decimal(18, 2)) as discount_amount,
    cast(reached.contact_cost as decimal(18, 2)) as contact_cost,
    cast(coalesce(overlapping.other_campaigns, 0) as bigint) as other_campaigns
from keys
left join windows
    on keys.campaign_id = windows.campaign_id
left join targets
    on
        keys.campaign_id = targets.campaign_id
        and keys.customer_id = targets.customer_id
left join reached
    on
        keys.campaign_id = reached.campaign_id
        and keys.customer_id = reached.customer_id
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
