with touches as (

    select
        count(case when touch_source = 'coupon_redemption' then 1 end) as redemptions,
        count(case when touch_source = 'touchpoint' then 1 end) as contacts
    from {{ ref('fct_touchpoints') }}

),

redemptions as (

    select count(*) as redemptions
    from {{ ref('base_marketing__coupon_redemptions') }} as redemptions
    cross join {{ ref('as_of') }} as as_of
    where
        redemptions.row_outcome = 'accepted'
        and redemptions.channel_id is not null
        and redemptions.redeemed_on < as_of.as_of_date

),

contacts as (

    select count(*) as contacts
    from {{ ref('base_marketing__touchpoints') }} as contacts
    cross join {{ ref('as_of') }} as as_of
    where
        contacts.row_outcome = 'accepted'
        and cast(contacts.touched_at as date) < as_of.as_of_date

)

select
    touches.redemptions,
    redemptions.redemptions as landed_redemptions,
    touches.contacts,
    contacts.contacts as landed_contacts
from touches
cross join redemptions
cross join contacts
where
    touches.redemptions != redemptions.redemptions
    or touches.contacts != contacts.contacts
