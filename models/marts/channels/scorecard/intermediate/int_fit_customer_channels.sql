{#- What each customer and channel had to do with each other in the last days. Of a sales
    channel: the orders, as the response of one customer. Of a marketing channel: the contacts,
    and the orders credited to them. -#}
{%- set days = var('channel_fit_days') -%}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where
        touch_source <> 'coupon_redemption'
        and customer_id is not null

),

channels as (

    select * from {{ ref('dim_channels') }}

),

credits as (

    select * from {{ ref('int_channel_credits') }}
    where is_without_orders

),

as_of as (

    select * from {{ ref('as_of') }}

),

ordered as (

    select
        orders.customer_id,
        orders.channel_id,
        count(*) as contacts,
        count(orders.contribution_amount) as costed_contacts,
        sum(orders.contribution_amount) as contribution
    from orders
    cross join as_of
    where
        orders.channel_id is not null
        and orders.order_date >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}
    group by
        orders.customer_id,
        orders.channel_id

),

contacted as (

    select
        touchpoints.customer_id,
        touchpoints.channel_id,
        count(*) as contacts
    from touchpoints
    inner join channels
        on
            touchpoints.channel_id = channels.channel_id
            and channels.channel_type = 'marketing'
    cross join as_of
    where
        touchpoints.touch_date >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}
    group by
        touchpoints.customer_id,
        touchpoints.channel_id

),

credited as (

    select
        credits.customer_id,
        credits.channel_id,
        sum(credits.order_credit) as order_credit,
        count(*) as credits,
        count(credits.contribution_credit) as costed_credits,
        sum(credits.contribution_credit) as contribution
    from credits
    cross join as_of
    where
        credits.order_date >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}
        and credits.order_credit > 0
    group by
        credits.customer_id,
        credits.channel_id

)

select
    customer_id,
    channel_id,
    cast(contacts as bigint) as contacts,
    cast(contacts as decimal(18, 6)) as responses,
    cast(1 as bigint) as response_base,
    case when costed_contacts = contacts then cast(contribution as decimal(18, 2)) end
        as contribution
from ordered

union all

select
    contacted.customer_id,
    contacted.channel_id,
    cast(contacted.contacts as bigint) as contacts,
    cast(coalesce(credited.order_credit, 0) as decimal(18, 6)) as responses,
    cast(contacted.contacts as bigint) as response_base,
    case
        when credited.customer_id is null then cast(0 as decimal(18, 2))
        when credited.costed_credits = credited.credits
            then cast(credited.contribution as decimal(18, 2))
    end as contribution
from contacted
left join credited
    on
        contacted.customer_id = credited.customer_id
        and contacted.channel_id = credited.channel_id
