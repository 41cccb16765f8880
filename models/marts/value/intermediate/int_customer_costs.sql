{#- What a customer cost besides the goods, by kind: of how many events the cost is not known, and
    what the others cost. A kind of which nothing is known anywhere has no rows. -#}
{%- set hour_cost = var('service_hour_cost') -%}

with orders as (

    select * from {{ ref('fct_orders') }}
    where order_status not in {{ void_order_statuses() }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where touch_source <> 'coupon_redemption'

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

month_costs as (

    select * from {{ ref('int_channel_month_costs') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- Where no order of a channel has a cost of fulfilment, customers carry home what they buy.
fulfilling_channels as (

    select
        coalesce(channel_id, '') as channel_id,
        count(fulfilment_cost) > 0 as is_fulfilling
    from orders
    group by coalesce(channel_id, '')

),

-- Where only some kinds of contact have a cost, the others cost nothing: sending does, opening not.
contact_kinds as (

    select
        channel_id,
        touch_type,
        count(cost_amount) > 0 as has_costs,
        max(case when count(cost_amount) > 0 then 1 else 0 end) over (partition by channel_id) = 1
            as has_channel_costs
    from touchpoints
    group by
        channel_id,
        touch_type

),

fulfilled as (

    select
        'fulfilment_cost' as cost_kind,
        orders.customer_id,
        orders.order_date as event_date,
        cast(orders.fulfilment_cost as decimal(18, 6)) as amount
    from orders
    inner join fulfilling_channels
        on coalesce(orders.channel_id, '') = fulfilling_channels.channel_id
    where
        fulfilling_channels.is_fulfilling
        and (orders.is_purchase or orders.fulfilment_cost is not null)

),

sold_through as (

    select
        'channel_cost' as cost_kind,
        orders.customer_id,
        orders.order_date as event_date,
        cast(month_costs.unit_cost as decimal(18, 6)) as amount
    from orders
    left join month_costs
        on
            orders.channel_id = month_costs.channel_id
            and orders.order_month = month_costs.cost_month
            and month_costs.charged_to = 'orders'
    where orders.is_purchase

),

contacted as (

    select
        'contact_cost' as cost_kind,
        touchpoints.customer_id,
        touchpoints.touch_date as event_date,
        cast(
            case
                when month_costs.charged_to = 'acquired' then 0
                when touchpoints.cost_amount is not null then touchpoints.cost_amount
                when month_costs.charged_to = 'contacts' then month_costs.unit_cost
                when contact_kinds.has_channel_costs and not contact_kinds.has_costs then 0
            end as decimal(18, 6)
        ) as amount
    from touchpoints
    inner join contact_kinds
        on
            touchpoints.channel_id = contact_kinds.channel_id
            and coalesce(touchpoints.touch_type, '') = coalesce(contact_kinds.touch_type, '')
    left join month_costs
        on
            touchpoints.channel_id = month_costs.channel_id
            and cast({{ dbt.date_trunc('month', 'touchpoints.touch_date') }} as date)
            = month_costs.cost_month

),

served as (

    select
        'service_cost' as cost_kind,
        customer_id,
        cast(opened_at as date) as event_date,
        cast(
            {{ hour_cost if hour_cost is not none else 'null' }} * handling_seconds / 3600.0e0
            as decimal(18, 6)
        ) as amount
    from tickets

),

-- Who came in by the door cost nothing to win.
acquired as (

    select
        'acquisition_cost' as cost_kind,
        customers.customer_id,
        customers.first_order_date as event_date,
        cast(
            case
                when customers.has_prior_history then null
                when channels.channel_type = 'sales' then 0
                else month_costs.unit_cost
            end as decimal(18, 6)
        ) as amount
    from customers
    left join channels
        on customers.acquisition_channel_id = channels.channel_id
    left join month_costs
        on
            customers.acquisition_channel_id = month_costs.channel_id
            and cast({{ dbt.date_trunc('month', 'customers.first_order_date') }} as date)
            = month_costs.cost_month
            and month_costs.charged_to = 'acquired'
    where customers.first_order_date is not null

),

events as (

    select * from fulfilled

    union all

    select * from sold_through

    union all

    select * from contacted

    union all

    select * from served

    union all

    select * from acquired

),

recorded_kinds as (

    select cost_kind
    from events
    group by cost_kind
    having
        count(case when cost_kind <> 'acquisition_cost' then amount end) > 0
        or sum(amount) > 0

),

windowed as (

    select
        events.cost_kind,
        events.customer_id,
        events.amount,
        events.event_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }} as is_365d
    from events
    inner join recorded_kinds
        on events.cost_kind = recorded_kinds.cost_kind
    cross join as_of
    where events.customer_id is not null

),

counted as (

    select
        customer_id,
        cost_kind,
        count(amount) as known_events,
        count(*) - count(amount) as unknown_events,
        sum(amount) as amount,
        count(case when is_365d then amount end) as known_events_365d,
        count(case when is_365d and amount is null then 1 end) as unknown_events_365d,
        sum(case when is_365d then amount end) as amount_365d
    from windowed
    group by
        customer_id,
        cost_kind

)

-- A row for every customer: nothing happened is not the same as nothing is known.
select
    customers.customer_id,
    {% for window in ['', '_365d'] %}
        cast(coalesce(counted.unknown_events{{ window }}, 0) as bigint)
            as unknown_events{{ window }},
        case
            when
                coalesce(counted.known_events{{ window }}, 0) > 0
                or coalesce(counted.unknown_events{{ window }}, 0) = 0
                then cast(coalesce(counted.amount{{ window }}, 0) as decimal(18, 2))
        end as amount{{ window }},
    {% endfor %}
    recorded_kinds.cost_kind
from customers
cross join recorded_kinds
left join counted
    on
        customers.customer_id = counted.customer_id
        and recorded_kinds.cost_kind = counted.cost_kind
