{#- How much customers use sales channels together, in the last days; (all) is the whole. A
    switch is an order through another channel than the customer's order before it. -#}
{%- set days = var('channel_fit_days') -%}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and channel_id is not null

),

landed_customers as (

    select * from {{ ref('stg_crm__customers') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

profiles as (

    select * from {{ ref('int_channel_profiles') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

recent_orders as (

    select
        orders.customer_id,
        orders.channel_id,
        lag(orders.channel_id) over (
            partition by orders.customer_id order by orders.ordered_at, orders.order_id
        ) as previous_channel_id
    from orders
    cross join as_of
    where orders.order_date >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}

),

customer_channels as (

    select
        customer_id,
        channel_id,
        count(*) as orders,
        count(*) over (partition by customer_id) as channels_used,
        row_number() over (
            partition by customer_id order by count(*) desc, channel_id
        ) as channel_rank
    from recent_orders
    group by
        customer_id,
        channel_id

),

stated as (

    select
        customer_channels.customer_id,
        landed_customers.main_sales_channel_id as channel_id,
        case
            when landed_customers.main_sales_channel_id = customer_channels.channel_id then 1
            else 0
        end as is_as_stated
    from customer_channels
    inner join landed_customers
        on customer_channels.customer_id = landed_customers.customer_id
    where
        customer_channels.channel_rank = 1
        and landed_customers.main_sales_channel_id is not null

),

moves as (

    select
        channel_id,
        previous_channel_id,
        count(*) as moves
    from recent_orders
    where previous_channel_id is not null
    group by
        channel_id,
        previous_channel_id

),

by_channel as (

    select
        channel_id,
        count(*) as customers,
        count(case when channels_used > 1 then 1 end) as multi_channel_customers,
        count(case when channels_used > 1 and channel_rank = 1 then 1 end)
            as main_channel_customers,
        sum(orders) as orders
    from customer_channels
    group by channel_id

    union all

    select
        '(all)' as channel_id,
        count(*) as customers,
        count(case when channels_used > 1 then 1 end) as multi_channel_customers,
        count(case when channels_used > 1 then 1 end) as main_channel_customers,
        sum(customer_orders) as orders
    from (
        select
            customer_id,
            max(channels_used) as channels_used,
            sum(orders) as customer_orders
        from customer_channels
        group by customer_id
    ) as customers_counted
    having count(*) > 0

),

followed as (

    select
        previous_channel_id as channel_id,
        sum(moves) as followed_orders,
        sum(case when channel_id <> previous_channel_id then moves else 0 end) as switches_away
    from moves
    group by previous_channel_id

    union all

    select
        '(all)' as channel_id,
        sum(moves) as followed_orders,
        sum(case when channel_id <> previous_channel_id then moves else 0 end) as switches_away
    from moves
    having count(*) > 0

),

arrived as (

    select
        channel_id,
        sum(case when channel_id <> previous_channel_id then moves else 0 end) as switches_in
    from moves
    group by channel_id

    union all

    select
        '(all)' as channel_id,
        sum(case when channel_id <> previous_channel_id then moves else 0 end) as switches_in
    from moves
    having count(*) > 0

),

as_stated as (

    select
        channel_id,
        count(*) as stated_customers,
        sum(is_as_stated) as as_stated_customers
    from stated
    group by channel_id

    union all

    select
        '(all)' as channel_id,
        count(*) as stated_customers,
        sum(is_as_stated) as as_stated_customers
    from stated
    having count(*) > 0

),

alike as (

    select
        channel_id,
        compared_customers,
        profile_similarity
    from profiles

    union all

    select
        '(all)' as channel_id,
        sum(compared_customers) as compared_customers,
        sum(compared_customers * cast(profile_similarity as double))
        / nullif(sum(compared_customers), 0) as profile_similarity
    from profiles
    having count(*) > 0

),

shared as (

    select
        by_channel.*,
        by_channel.multi_channel_customers / cast(nullif(by_channel.customers, 0) as double)
            as multi_channel_share
    from by_channel

)

select
    shared.channel_id,
    case when shared.channel_id = '(all)' then 'All' else channels.channel_name end
        as channel_name,
    as_of.as_of_date,
    cast(shared.customers as bigint) as customers,
    cast(shared.orders as bigint) as orders,
    cast(shared.multi_channel_customers as bigint) as multi_channel_customers,
    round(shared.multi_channel_share, 9) as multi_channel_share,
    {{ wilson_bound('shared.multi_channel_share', 'cast(shared.customers as double)', '-') }}
        as multi_channel_share_low,
    {{ wilson_bound('shared.multi_channel_share', 'cast(shared.customers as double)', '+') }}
        as multi_channel_share_high,
    cast(shared.main_channel_customers as bigint) as main_channel_customers,
    cast(coalesce(followed.followed_orders, 0) as bigint) as followed_orders,
    cast(coalesce(followed.switches_away, 0) as bigint) as switches_away,
    cast(coalesce(arrived.switches_in, 0) as bigint) as switches_in,
    round(followed.switches_away / cast(nullif(followed.followed_orders, 0) as double), 9)
        as switch_share,
    cast(alike.compared_customers as bigint) as compared_customers,
    round(cast(alike.profile_similarity as double), 6) as profile_similarity,
    cast(as_stated.stated_customers as bigint) as stated_customers,
    round(
        as_stated.as_stated_customers / cast(nullif(as_stated.stated_customers, 0) as double), 9
    ) as as_stated_share
from shared
cross join as_of
left join channels
    on shared.channel_id = channels.channel_id
left join followed
    on shared.channel_id = followed.channel_id
left join arrived
    on shared.channel_id = arrived.channel_id
left join as_stated
    on shared.channel_id = as_stated.channel_id
left join alike
    on shared.channel_id = alike.channel_id
