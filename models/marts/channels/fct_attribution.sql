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

contacted_orders as (

    select
        order_id,
        max(case when is_direct then 1 else 0 end) as has_visit,
        max(case when not is_direct then 1 else 0 end) as has_touch
    from contacts
    group by order_id

),

credited_orders as (

    select distinct
        order_id,
        attribution_model
    from credits

),

-- A model that passes over a marketing touch for a visit after it calls the order direct.
uncredited as (

    select
        orders.order_id,
        models.attribution_model,
        case
            when coalesce(contacted_orders.has_visit, 0) = 0 then '(unattributed)'
            when contacted_orders.has_touch = 0 then '(direct)'
            when models.attribution_model = 'last_touch' then '(direct)'
            else '(unattributed)'
        end as channel_id,
        case when orders.is_valid_order then 1 else 0 end as order_credit,
        orders.net_revenue_after_returns as revenue_credit,
        orders.contribution_amount as contribution_credit
    from orders
    cross join models
    left join credited_orders
        on
            orders.order_id = credited_orders.order_id
            and models.attribution_model = credited_orders.attribution_model
    left join contacted_orders
        on orders.order_id = contacted_orders.order_id
    where credited_orders.order_id is null

),

unioned as (

    select
        order_id,
        touchpoint_id,
        attribution_model,
        channel_id,
        touch_position,
        order_credit,
        revenue_credit,
        contribution_credit
    from credits

    union all

    select
        order_id,
        cast(null as varchar) as touchpoint_id,
        attribution_model,
        channel_id,
        cast(null as bigint) as touch_position,
        order_credit,
        revenue_credit,
        contribution_credit
    from uncredited

)

select
    unioned.order_id,
    unioned.touchpoint_id,
    unioned.attribution_model,
    case when unioned.attribution_model = 'incremental' then 'incremental' else 'descriptive' end
        as kind,
    unioned.channel_id,
    case
        when not orders.is_valid_order or not orders.is_identified then null
        when orders.is_first_order and not coalesce(customers.has_prior_history, false) then 'new'
        else 'returning'
    end as customer_kind,
    orders.order_date,
    orders.order_month,
    unioned.touch_position,
    cast(unioned.order_credit as decimal(18, 6)) as order_credit,
    cast(unioned.revenue_credit as decimal(18, 2)) as revenue_credit,
    cast(unioned.contribution_credit as decimal(18, 2)) as contribution_credit
from unioned
inner join orders
    on unioned.order_id = orders.order_id
left join customers
    on orders.customer_id = customers.customer_id
