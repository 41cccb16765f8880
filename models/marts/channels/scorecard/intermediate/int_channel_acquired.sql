{#- Whom a channel won: of a sales channel those whose first order came through it, of a
    marketing channel those whose first order is credited to it, by that part. -#}
with orders as (

    select * from {{ ref('fct_orders') }}
    where is_first_order

),

customers as (

    select * from {{ ref('dim_customers') }}
    where not has_prior_history

),

credits as (

    select * from {{ ref('int_channel_credits') }}
    where
        is_new_customer
        and is_without_orders
        and order_credit > 0

)

select
    orders.customer_id,
    coalesce(orders.channel_id, '(unknown)') as channel_id,
    orders.order_month as acquired_month,
    orders.order_date as acquired_on,
    cast(1 as decimal(10, 6)) as weight
from orders
inner join customers
    on orders.customer_id = customers.customer_id

union all

select
    credits.customer_id,
    credits.channel_id,
    credits.order_month as acquired_month,
    credits.order_date as acquired_on,
    cast(credits.order_credit as decimal(10, 6)) as weight
from credits
