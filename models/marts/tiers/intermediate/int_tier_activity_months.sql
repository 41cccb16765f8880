{#- What counts towards a tier, by month, from the day of enrolment on. What points paid for does
    not count: who redeems would be raised by what others gave. -#}
with members as (

    select * from {{ ref('int_tier_members') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

points as (

    select * from {{ ref('stg_loyalty__points') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

engaged_days as (

    select * from {{ ref('int_tier_engaged_days') }}

),

paid_by_points as (

    select
        order_id,
        sum(cost_amount) as paid_amount
    from points
    where
        entry_type = 'redeem'
        and order_id is not null
        and cost_amount > 0
    group by order_id

),

counted as (

    select
        orders.customer_id,
        orders.order_month as month_start,
        0 as points,
        sum(
            greatest(
                0, orders.net_revenue_after_returns - coalesce(paid_by_points.paid_amount, 0)
            )
        ) as spend,
        count(*) as orders,
        0 as engaged_days
    from orders
    inner join members
        on orders.customer_id = members.customer_id
    left join paid_by_points
        on orders.order_id = paid_by_points.order_id
    where members.enrolled_on is null or orders.order_date >= members.enrolled_on
    group by
        orders.customer_id,
        orders.order_month

    union all

    -- Points brought forward or given for another reason are no purchase.
    select
        accounts.customer_id,
        cast({{ dbt.date_trunc('month', 'points.entered_at') }} as date) as month_start,
        sum(points.points) as points,
        0 as spend,
        0 as orders,
        0 as engaged_days
    from points
    inner join accounts
        on points.account_id = accounts.account_id
    where points.entry_type = 'earn'
    group by
        accounts.customer_id,
        cast({{ dbt.date_trunc('month', 'points.entered_at') }} as date)

    union all

    select
        engaged_days.customer_id,
        cast({{ dbt.date_trunc('month', 'engaged_days.engaged_on') }} as date) as month_start,
        0 as points,
        0 as spend,
        0 as orders,
        count(*) as engaged_days
    from engaged_days
    inner join members
        on engaged_days.customer_id = members.customer_id
    where members.enrolled_on is null or engaged_days.engaged_on >= members.enrolled_on
    group by
        engaged_days.customer_id,
        cast({{ dbt.date_trunc('month', 'engaged_days.engaged_on') }} as date)

)

select
    customer_id,
    month_start,
    cast(sum(points) as decimal(18, 2)) as points,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(sum(orders) as bigint) as orders,
    cast(sum(engaged_days) as bigint) as engaged_days
from counted
group by
    customer_id,
    month_start
