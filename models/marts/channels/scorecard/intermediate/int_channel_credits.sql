{#- Whom an order is credited to, under the one model that the scorecard uses. -#}
with credits as (

    select * from {{ ref('int_journey_credits') }}
    where attribution_model = '{{ var("channel_scorecard_model") }}'

),

orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

-- A channel that orders come through is judged by these.
selling_channels as (

    select channel_id
    from orders
    group by channel_id

),

credited as (

    select
        order_id,
        channel_id,
        sum(order_credit) as order_credit,
        sum(revenue_credit) as revenue_credit,
        sum(contribution_credit) as contribution_credit
    from credits
    group by
        order_id,
        channel_id

)

select
    credited.order_id,
    orders.customer_id,
    credited.channel_id,
    orders.order_date,
    orders.order_month,
    orders.is_first_order and not customers.has_prior_history as is_new_customer,
    selling_channels.channel_id is null as is_without_orders,
    cast(credited.order_credit as decimal(18, 6)) as order_credit,
    cast(credited.revenue_credit as decimal(18, 2)) as revenue_credit,
    cast(credited.contribution_credit as decimal(18, 2)) as contribution_credit
from credited
inner join orders
    on credited.order_id = orders.order_id
inner join customers
    on orders.customer_id = customers.customer_id
left join selling_channels
    on credited.channel_id = selling_channels.channel_id
