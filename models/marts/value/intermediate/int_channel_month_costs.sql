{#- What a channel cost in a month is charged once. What a sales channel cost is shared by the
    orders that came through it. What a marketing channel cost is shared by the customers whom it won in the
    month; where there were none, by its contacts, unless these have costs of their own. What nobody
    was served, won or reached for stays with the channel. -#}
with channel_costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    where touch_source <> 'coupon_redemption'

),

orders as (

    select * from {{ ref('fct_orders') }}

),

month_costs as (

    select
        channel_id,
        cast({{ dbt.date_trunc('month', 'cost_date') }} as date) as cost_month,
        sum(cost_amount) as cost_amount
    from channel_costs
    group by
        channel_id,
        cast({{ dbt.date_trunc('month', 'cost_date') }} as date)

),

acquired as (

    select
        acquisition_channel_id as channel_id,
        cast({{ dbt.date_trunc('month', 'first_order_date') }} as date) as cost_month,
        count(*) as customers
    from customers
    where
        acquisition_channel_id is not null
        and first_order_date is not null
        and not has_prior_history
    group by
        acquisition_channel_id,
        cast({{ dbt.date_trunc('month', 'first_order_date') }} as date)

),

contacts as (

    select
        channel_id,
        cast({{ dbt.date_trunc('month', 'touch_date') }} as date) as cost_month,
        count(*) as contacts
    from touchpoints
    group by
        channel_id,
        cast({{ dbt.date_trunc('month', 'touch_date') }} as date)

),

contact_channels as (

    select
        channel_id,
        count(cost_amount) > 0 as has_own_costs
    from touchpoints
    group by channel_id

),

channel_orders as (

    select
        channel_id,
        order_month as cost_month,
        count(*) as orders
    from orders
    where
        is_purchase
        and channel_id is not null
    group by
        channel_id,
        order_month

),

shared as (

    select
        month_costs.channel_id,
        month_costs.cost_month,
        month_costs.cost_amount,
        case
            when channels.channel_type = 'sales'
                then case when channel_orders.orders is not null then 'orders' end
            when channels.channel_type = 'marketing' and acquired.customers is not null
                then 'acquired'
            when channels.channel_type = 'marketing' and not contact_channels.has_own_costs
                then case when contacts.contacts is not null then 'contacts' end
        end as charged_to,
        acquired.customers,
        contacts.contacts,
        channel_orders.orders
    from month_costs
    left join channels
        on month_costs.channel_id = channels.channel_id
    left join acquired
        on
            month_costs.channel_id = acquired.channel_id
            and month_costs.cost_month = acquired.cost_month
    left join contacts
        on
            month_costs.channel_id = contacts.channel_id
            and month_costs.cost_month = contacts.cost_month
    left join contact_channels
        on month_costs.channel_id = contact_channels.channel_id
    left join channel_orders
        on
            month_costs.channel_id = channel_orders.channel_id
            and month_costs.cost_month = channel_orders.cost_month

)

select
    channel_id,
    cost_month,
    cast(cost_amount as decimal(18, 2)) as cost_amount,
    charged_to,
    cast(cost_amount as double)
    / nullif(
        case charged_to
            when 'acquired' then customers
            when 'contacts' then contacts
            when 'orders' then orders
        end,
        0
    ) as unit_cost
from shared
