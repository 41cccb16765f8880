with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

credits as (

    select * from {{ ref('int_journey_credits') }}

),

contacts as (

    select * from {{ ref('int_journey_contacts') }}
    where is_conversion

),

models as (

    {% for attribution_model in attribution_weights() %}
        select '{{ attribution_model }}' as attribution_model
        union distinct
    {% endfor %}
    select distinct attribution_model
    from credits

),

-- Credits of the incremental model are of orders; their money is rounded as running totals, too.
increments as (

    select
        order_id,
        touchpoint_id,
        channel_id,
        order_credit,
        cast(
            sum(order_credit) over (
                partition by order_id
                order by coalesce(touchpoint_id, ''), channel_id
                rows between unbounded preceding and current row
            ) as decimal(18, 6)
        ) as running_credit
    from {{ ref('int_incremental_credits') }}

),

incremental_orders as (

    select distinct order_id
    from increments

),

incremental_model as (

    select distinct 'incremental' as attribution_model
    from increments

),

contacted_orders as (

    select
        order_id,
        max(case when is_direct then 1 else 0 end) as has_visit,
        max(case when not is_direct then 1 else 0 end) as has_touch
    from contacts
    group by order_id

),

facts as (

    select
        orders.order_id,
        case
            when not orders.is_valid_order or not orders.is_identified then null
            when orders.is_first_order and not coalesce(customers.has_prior_history, false)
                then 'new'
            else 'returning'
        end as customer_kind,
        orders.order_date,
        orders.order_month,
        case when orders.is_valid_order then 1 else 0 end as valid_orders,
        orders.net_revenue_after_returns,
        orders.contribution_amount,
        coalesce(contacted_orders.has_touch, 0) as has_touch,
        coalesce(contacted_orders.has_visit, 0) as has_visit
    from orders
    left join customers
        on orders.customer_id = customers.customer_id
    left join contacted_orders
        on orders.order_id = contacted_orders.order_id

),

credited_orders as (

    select distinct
        order_id,
        attribution_model
    from credits

),

-- A model that passes over a marketing touch for a visit after it calls the order direct. Sales to
-- nobody known, and what is no valid order, have no increments.
uncredited as (

    select
        facts.*,
        models.attribution_model,
        case when facts.has_visit = 1 then '(direct)' else '(unattributed)' end as channel_id
    from facts
    cross join models
    where facts.has_touch = 0

    union all

    select
        facts.*,
        models.attribution_model,
        case
            when facts.has_visit = 1 and models.attribution_model = 'last_touch' then '(direct)'
            else '(unattributed)'
        end as channel_id
    from facts
    cross join models
    left join credited_orders
        on
            facts.order_id = credited_orders.order_id
            and models.attribution_model = credited_orders.attribution_model
    where
        facts.has_touch = 1
        and credited_orders.order_id is null

    union all

    select
        facts.*,
        incremental_model.attribution_model,
        '(unattributed)' as channel_id
    from facts
    cross join incremental_model
    left join incremental_orders
        on facts.order_id = incremental_orders.order_id
    where incremental_orders.order_id is null

),

unioned as (

    select
        facts.order_id,
        credits.touchpoint_id,
        credits.attribution_model,
        credits.channel_id,
        facts.customer_kind,
        facts.order_date,
        facts.order_month,
        credits.touch_position,
        credits.order_credit,
        credits.revenue_credit,
        credits.contribution_credit
    from credits
    inner join facts
        on credits.order_id = facts.order_id

    union all

    select
        order_id,
        cast(null as string) as touchpoint_id,
        attribution_model,
        channel_id,
        customer_kind,
        order_date,
        order_month,
        cast(null as bigint) as touch_position,
        valid_orders as order_credit,
        net_revenue_after_returns as revenue_credit,
        contribution_amount as contribution_credit
    from uncredited

    union all

    select
        facts.order_id,
        increments.touchpoint_id,
        'incremental' as attribution_model,
        increments.channel_id,
        facts.customer_kind,
        facts.order_date,
        facts.order_month,
        cast(null as bigint) as touch_position,
        increments.order_credit,
        round(increments.running_credit * facts.net_revenue_after_returns, 2)
        - round(
            cast(increments.running_credit - increments.order_credit as decimal(18, 6))
            * facts.net_revenue_after_returns, 2
        ) as revenue_credit,
        round(increments.running_credit * facts.contribution_amount, 2)
        - round(
            cast(increments.running_credit - increments.order_credit as decimal(18, 6))
            * facts.contribution_amount, 2
        ) as contribution_credit
    from increments
    inner join facts
        on increments.order_id = facts.order_id

)

select
    order_id,
    touchpoint_id,
    attribution_model,
    case when attribution_model = 'incremental' then 'incremental' else 'descriptive' end as kind,
    channel_id,
    customer_kind,
    order_date,
    order_month,
    touch_position,
    cast(order_credit as decimal(18, 6)) as order_credit,
    cast(revenue_credit as decimal(18, 2)) as revenue_credit,
    cast(contribution_credit as decimal(18, 2)) as contribution_credit
from unioned
