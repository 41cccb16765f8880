{#- What a channel cost in a month, as it is booked; where nothing is booked of the channel,
    what its contacts cost. Between the first and the last month for which any cost is known, a
    month without one cost nothing; outside it is not known.

    What a marketing channel spends to win customers is the part of its spend that its contacts
    with people who had not bought yet are of all its contacts: by their cost where that is
    known. -#}
with channel_costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where touch_source <> 'coupon_redemption'

),

customers as (

    select * from {{ ref('dim_customers') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

months as (

    select distinct activity_month
    from {{ ref('int_scorecard_periods') }}

),

booked as (

    select
        channel_id,
        cast({{ dbt.date_trunc('month', 'cost_date') }} as date) as activity_month,
        sum(cost_amount) as spend
    from channel_costs
    group by
        channel_id,
        cast({{ dbt.date_trunc('month', 'cost_date') }} as date)

),

contacts as (

    select
        touchpoints.channel_id,
        cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date) as activity_month,
        count(*) as contacts,
        sum(touchpoints.cost_amount) as contact_cost,
        count(touchpoints.customer_id) as known_contacts,
        sum(case when touchpoints.customer_id is not null then touchpoints.cost_amount end)
            as known_contact_cost,
        count(
            case
                when
                    not customers.has_prior_history
                    and (
                        customers.first_order_date is null
                        or customers.first_order_date >= touchpoints.touch_date
                    )
                    then 1
            end
        ) as prospect_contacts,
        sum(
            case
                when
                    not customers.has_prior_history
                    and (
                        customers.first_order_date is null
                        or customers.first_order_date >= touchpoints.touch_date
                    )
                    then touchpoints.cost_amount
            end
        ) as prospect_contact_cost
    from touchpoints
    left join customers
        on touchpoints.customer_id = customers.customer_id
    group by
        touchpoints.channel_id,
        cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date)

),

sources as (

    select
        channels.channel_id,
        channels.channel_type,
        case
            when count(booked.spend) > 0 then 'booked'
            when count(contacts.contact_cost) > 0 then 'contacts'
        end as spend_basis
    from channels
    left join booked
        on channels.channel_id = booked.channel_id
    left join contacts
        on channels.channel_id = contacts.channel_id
    group by
        channels.channel_id,
        channels.channel_type

),

recorded as (

    select
        'booked' as spend_basis,
        min(activity_month) as first_month,
        max(activity_month) as last_month
    from booked

    union all

    select
        'contacts' as spend_basis,
        min(activity_month) as first_month,
        max(activity_month) as last_month
    from contacts
    where contact_cost is not null

),

channel_months as (

    select
        sources.channel_id,
        sources.channel_type,
        months.activity_month,
        sources.spend_basis,
        case
            when months.activity_month between recorded.first_month and recorded.last_month
                then coalesce(
                    case sources.spend_basis
                        when 'booked' then booked.spend
                        when 'contacts' then contacts.contact_cost
                    end,
                    0
                )
        end as spend,
        coalesce(contacts.contacts, 0) as contacts,
        case
            when contacts.known_contact_cost > 0
                then
                    coalesce(cast(contacts.prospect_contact_cost as double), 0)
                    / cast(contacts.known_contact_cost as double)
            when contacts.known_contacts > 0
                then contacts.prospect_contacts / cast(contacts.known_contacts as double)
            else 1.0
        end as acquisition_share
    from sources
    cross join months
    left join recorded
        on sources.spend_basis = recorded.spend_basis
    left join booked
        on
            sources.channel_id = booked.channel_id
            and months.activity_month = booked.activity_month
    left join contacts
        on
            sources.channel_id = contacts.channel_id
            and months.activity_month = contacts.activity_month

)

select
    channel_id,
    activity_month,
    spend_basis,
    cast(spend as decimal(18, 2)) as spend,
    cast(contacts as bigint) as contacts,
    case
        when channel_type = 'marketing' then cast(spend * acquisition_share as decimal(18, 2))
    end as acquisition_spend
from channel_months
where
    spend <> 0
    or contacts > 0
    or spend_basis is not null
