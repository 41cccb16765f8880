{#- Every cent of a month is in exactly one part. A return takes back money and not the visit: what
    was given back is a part of its own, and a first purchase that came back was a first purchase. -#}
with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

days as (

    select * from {{ ref('date_spine') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

order_span as (

    select min(order_date) as first_order_date
    from orders

),

purchases as (

    select
        order_id,
        row_number() over (partition by customer_id order by ordered_at, order_id)
            as purchase_number
    from orders
    where
        is_purchase
        and is_identified

),

parted as (

    select
        orders.order_month,
        orders.net_revenue,
        orders.is_valid_order,
        orders.is_identified,
        case
            when not orders.is_purchase then 'given_back'
            when not orders.is_identified then 'anonymous'
            when purchases.purchase_number = 1 and not coalesce(customers.has_prior_history, false)
                then 'first_time'
            else 'returning'
        end as part
    from orders
    left join purchases
        on orders.order_id = purchases.order_id
    left join customers
        on orders.customer_id = customers.customer_id

),

summed as (

    select
        order_month,
        count(case when is_valid_order then 1 end) as valid_orders,
        count(case when part = 'first_time' then 1 end) as first_time_customers,
        sum(net_revenue) as net_revenue,
        sum(case when is_identified then net_revenue else 0 end) as identified_net_revenue,
        sum(case when part = 'first_time' then net_revenue else 0 end) as first_time_revenue,
        sum(case when part = 'returning' then net_revenue else 0 end) as returning_revenue,
        sum(case when part = 'anonymous' then net_revenue else 0 end) as anonymous_revenue,
        sum(case when part = 'given_back' then net_revenue else 0 end) as given_back_revenue
    from parted
    group by order_month

),

months as (

    select distinct
        cast({{ dbt.date_trunc('month', 'days.date_day') }} as date) as order_month,
        order_span.first_order_date
    from days
    cross join order_span
    cross join as_of
    where
        days.date_day >= order_span.first_order_date
        and days.date_day < as_of.as_of_date

)

select
    months.order_month,
    months.order_month >= months.first_order_date
    and {{ dbt.dateadd('month', 1, 'months.order_month') }} <= as_of.as_of_date as is_complete,
    months.order_month
    < {{ dbt.dateadd('day', var('left_censored_days'), 'months.first_order_date') }}
    and {{ var('left_censored_days') }} > 0 as is_left_censored,
    cast(coalesce(summed.valid_orders, 0) as bigint) as valid_orders,
    cast(coalesce(summed.first_time_customers, 0) as bigint) as first_time_customers,
    cast(coalesce(summed.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(coalesce(summed.identified_net_revenue, 0) as decimal(18, 2)) as identified_net_revenue,
    cast(coalesce(summed.first_time_revenue, 0) as decimal(18, 2)) as first_time_revenue,
    cast(coalesce(summed.returning_revenue, 0) as decimal(18, 2)) as returning_revenue,
    cast(coalesce(summed.anonymous_revenue, 0) as decimal(18, 2)) as anonymous_revenue,
    cast(coalesce(summed.given_back_revenue, 0) as decimal(18, 2)) as given_back_revenue
from months
cross join as_of
left join summed
    on months.order_month = summed.order_month
