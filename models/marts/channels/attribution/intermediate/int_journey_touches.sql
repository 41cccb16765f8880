{#- A journey is as long as the lookback, with an order at its end or without: touches that no order
    followed in time are cut into paths of so many days, from the first of them on. Such a path ends when the
    lookback of its last touch has passed, and is not told of before. -#}
{%- set lookback = var('attribution_lookback_days') | int(30) -%}

with contacts as (

    select * from {{ ref('int_journey_contacts') }}
    where channel_id is not null

),

customers as (

    select * from {{ ref('dim_customers') }}

),

channels as (

    select * from {{ ref('int_channel_keys') }}

),

buyers as (

    select distinct customer_id
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

started as (

    select
        contacts.*,
        min(contacts.touch_date) over (
            partition by contacts.customer_id, contacts.next_order_number, contacts.is_conversion
        ) as first_touch_date
    from contacts

),

numbered as (

    select
        started.*,
        case
            when started.is_conversion then 0
            else cast(
                floor(
                    {{ dbt.datediff('started.first_touch_date', 'started.touch_date', 'day') }}
                    / {{ lookback + 1 }}.0
                ) as bigint
            )
        end as path_number
    from started

),

placed as (

    select
        numbered.*,
        row_number() over (
            partition by
                numbered.customer_id,
                numbered.next_order_number,
                numbered.is_conversion,
                numbered.path_number
            order by numbered.touched_at, numbered.touchpoint_id
        ) as touch_position,
        count(*) over (
            partition by
                numbered.customer_id,
                numbered.next_order_number,
                numbered.is_conversion,
                numbered.path_number
        ) as touch_count,
        max(numbered.touch_date) over (
            partition by
                numbered.customer_id,
                numbered.next_order_number,
                numbered.is_conversion,
                numbered.path_number
        ) as last_touch_date
    from numbered

),

ended as (

    select
        placed.*,
        coalesce(
            placed.order_date,
            cast({{ dbt.dateadd('day', lookback, 'placed.last_touch_date') }} as date)
        ) as ended_on
    from placed

)

select
    case
        when ended.is_conversion then 'order-' || ended.order_id
        else
            'path-' || ended.customer_id
            || '-' || coalesce(cast(ended.next_order_number as string), 'last')
            || '-' || cast(ended.path_number as string)
    end as journey_id,
    ended.customer_id,
    ended.order_id,
    case
        when customers.has_prior_history then 'returning'
        when ended.next_order_number = 1 then 'new'
        when ended.next_order_number is null and buyers.customer_id is null then 'new'
        else 'returning'
    end as customer_kind,
    {{ customer_group('ended.customer_id') }} as customer_group,
    ended.touchpoint_id,
    ended.channel_id,
    channels.channel_key,
    ended.touched_at,
    cast({{ dbt.datediff('ended.touch_date', 'ended.ended_on', 'day') }} as integer)
        as days_before_end,
    cast(ended.touch_position as bigint) as touch_position,
    cast(ended.touch_count as bigint) as touch_count,
    ended.is_conversion,
    ended.ended_on,
    ended.order_month,
    ended.net_revenue,
    ended.contribution
from ended
inner join channels
    on ended.channel_id = channels.channel_id
cross join as_of
left join customers
    on ended.customer_id = customers.customer_id
left join buyers
    on ended.customer_id = buyers.customer_id
where
    ended.is_conversion
    or ended.ended_on < as_of.as_of_date
