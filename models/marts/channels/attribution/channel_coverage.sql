with channel_customers as (

    select * from {{ ref('int_channel_customers') }}

),

channels as (

    select * from {{ ref('int_channel_keys') }}
    where channel_type = 'marketing'

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

stages as (

    select * from {{ ref('dim_lifecycle_stages') }}
    where is_active

),

customers as (

    select * from {{ ref('dim_customers') }}

),

active as (

    select
        customers.customer_id,
        customers.has_marketing_consent
    from customers
    inner join lifecycle
        on customers.customer_id = lifecycle.customer_id
    inner join stages
        on lifecycle.lifecycle_stage = stages.lifecycle_stage

),

-- Where consent is recorded of nobody it is not known; where it is, who has not given it has not.
base as (

    select
        count(*) as active_customers,
        case
            when count(has_marketing_consent) > 0
                then count(case when has_marketing_consent then 1 end)
        end as contactable_customers
    from active

),

reached as (

    select
        channel_customers.channel_id,
        count(*) as touched_customers,
        count(case when active.has_marketing_consent then 1 end) as touched_contactable,
        count(case when active.has_marketing_consent = false then 1 end) as touched_refused
    from channel_customers
    inner join active
        on channel_customers.customer_id = active.customer_id
    group by channel_customers.channel_id

),

covered as (

    select
        channels.channel_id,
        channels.channel_name,
        base.active_customers,
        base.contactable_customers,
        coalesce(reached.touched_customers, 0) as touched_customers,
        case
            when base.contactable_customers is not null
                then coalesce(reached.touched_contactable, 0)
        end as touched_contactable,
        case
            when base.contactable_customers is not null
                then coalesce(reached.touched_refused, 0)
        end as touched_refused
    from channels
    cross join base
    left join reached
        on channels.channel_id = reached.channel_id

)

select
    channel_id,
    channel_name,
    cast(active_customers as bigint) as active_customers,
    cast(contactable_customers as bigint) as contactable_customers,
    cast(touched_customers as bigint) as touched_customers,
    cast(touched_contactable as bigint) as touched_contactable_customers,
    cast(touched_refused as bigint) as touched_refused_customers,
    cast(contactable_customers - touched_contactable as bigint) as untouched_contactable_customers,
    round(contactable_customers / cast(nullif(active_customers, 0) as double), 6) as coverage,
    round(touched_contactable / cast(nullif(contactable_customers, 0) as double), 6)
        as touched_coverage,
    round(touched_customers / cast(nullif(active_customers, 0) as double), 6) as active_reach
from covered
