{#- Channels that carried an order, a campaign, a touch or a cost but have no master data keep their
    row, marked as not known. -#}
with channels as (

    select * from {{ ref('stg_marketing__channels') }}

),

orders as (

    select * from {{ ref('stg_pos__orders') }}

),

campaigns as (

    select * from {{ ref('stg_marketing__campaigns') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}

),

costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

used_channels as (

    select
        channel_id,
        'sales' as channel_type
    from orders
    where channel_id is not null

    union distinct

    select
        channel_id,
        'marketing' as channel_type
    from touchpoints

    union distinct

    select
        channel_id,
        'marketing' as channel_type
    from campaigns
    where channel_id is not null

    union distinct

    select
        channel_id,
        'marketing' as channel_type
    from costs

),

unknown_channels as (

    select
        used_channels.channel_id,
        max(used_channels.channel_type) as channel_type
    from used_channels
    left join channels
        on used_channels.channel_id = channels.channel_id
    where channels.channel_id is null
    group by used_channels.channel_id

)

select
    channel_id,
    true as is_known,
    coalesce(channel_name, channel_id) as channel_name,
    channel_type,
    is_online,
    daily_capacity
from channels

union all

select
    channel_id,
    false as is_known,
    channel_id as channel_name,
    channel_type,
    cast(null as boolean) as is_online,
    cast(null as decimal(18, 3)) as daily_capacity
from unknown_channels
