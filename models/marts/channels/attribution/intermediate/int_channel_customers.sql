{#- Whom a channel had in the last days: whom marketing touched, or who bought through it. -#}
{%- set days = var('channel_reach_days') | int(365) -%}

with contacts as (

    select * from {{ ref('int_journey_contacts') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

channels as (

    select * from {{ ref('int_channel_keys') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

uses as (

    select
        contacts.customer_id,
        contacts.channel_id
    from contacts
    cross join as_of
    where
        contacts.channel_id is not null
        and contacts.touch_date
        >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}

    union all

    select
        orders.customer_id,
        orders.channel_id
    from orders
    cross join as_of
    where
        orders.channel_id is not null
        and orders.order_date
        >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}

)

select distinct
    uses.customer_id,
    uses.channel_id,
    channels.channel_key
from uses
inner join channels
    on uses.channel_id = channels.channel_id
