{#- Whom an order is credited to, under the one model that the scorecard uses. -#}
with credits as (

    select * from {{ ref('int_order_touch_credits') }}
    where attribution_model = 'linear'

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

)

select
    credits.order_id,
    orders.customer_id,
    credits.channel_id,
    orders.order_date,
    orders.order_month,
    orders.is_first_order and not customers.has_prior_history as is_new_customer,
    selling_channels.channel_id is null as is_without_orders,
    cast(sum(credits.order_credit) as decimal(18, 6)) as order_credit,
    cast(sum(credits.revenue_credit) as decimal(18, 2)) as revenue_credit,
    cast(
        sum(credits.order_credit) * max(orders.contribution_amount) as decimal(18, 2)
    ) as contribution_credit
from credits
inner join orders
    on credits.order_id = orders.order_id
inner join customers
    on orders.customer_id = customers.customer_id
left join selling_channels
    on credits.channel_id = selling_channels.channel_id
group by
    credits.order_id,
    orders.customer_id,
    credits.channel_id,
    orders.order_date,
    orders.order_month,
    orders.is_first_order and not customers.has_prior_history,
    selling_channels.channel_id is null
