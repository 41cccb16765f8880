with credits as (

    select * from {{ ref('int_order_touch_credits') }}

),

order_contacts as (

    select * from {{ ref('int_order_contacts') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

models as (

    {% for attribution_model in attribution_weights() %}
        select '{{ attribution_model }}' as attribution_model
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

touched_orders as (

    select distinct order_id
    from credits

),

direct_orders as (

    select distinct order_contacts.order_id
    from order_contacts
    left join touched_orders
        on order_contacts.order_id = touched_orders.order_id
    where
        order_contacts.is_direct
        and touched_orders.order_id is null

),

attributed as (

    select
        channel_id,
        order_month,
        attribution_model,
        sum(order_credit) as attributed_orders,
        sum(revenue_credit) as net_revenue
    from credits
    group by
        channel_id,
        order_month,
        attribution_model

),

direct as (

    select
        orders.order_month,
        count(*) as attributed_orders,
        sum(orders.net_revenue_after_returns) as net_revenue
    from orders
    inner join direct_orders
        on orders.order_id = direct_orders.order_id
    group by orders.order_month

),

-- Counted over all orders of the month, so the row is there even where every order has a touch.
unattributed as (

    select
        orders.order_month,
        sum(
            case
                when coalesce(touched_orders.order_id, direct_orders.order_id) is not null then 0
                when orders.is_valid_order then 1
                else 0
            end
        ) as attributed_orders,
        sum(
            case
                when coalesce(touched_orders.order_id, direct_orders.order_id) is not null then 0
                else orders.net_revenue_after_returns
            end
        ) as net_revenue
    from orders
    left join touched_orders
        on orders.order_id = touched_orders.order_id
    left join direct_orders
        on orders.order_id = direct_orders.order_id
    group by orders.order_month

),

untouched as (

    select
        '(direct)' as channel_id,
        order_month,
        attributed_orders,
        net_revenue
    from direct

    union all

    select
        '(unattributed)' as channel_id,
        order_month,
        attributed_orders,
        net_revenue
    from unattributed

),

contributions as (

    select
        channel_id,
        order_month,
        attribution_model,
        attributed_orders,
        net_revenue
    from attributed

    union all

    select
        untouched.channel_id,
        untouched.order_month,
        models.attribution_model,
        untouched.attributed_orders,
        untouched.net_revenue
    from untouched
    cross join models

),

totalled as (

    select
        contributions.*,
        sum(contributions.attributed_orders) over (
            partition by contributions.order_month, contributions.attribution_model
        ) as month_orders,
        sum(contributions.net_revenue) over (
            partition by contributions.order_month, contributions.attribution_model
        ) as month_revenue
    from contributions

)

select
    totalled.channel_id,
    totalled.order_month,
    totalled.attribution_model,
    case totalled.channel_id
        when '(direct)' then 'Direct'
        when '(unattributed)' then 'Unattributed'
        else channels.channel_name
    end as channel_name,
    cast(totalled.attributed_orders as decimal(18, 6)) as attributed_orders,
    cast(totalled.net_revenue as decimal(18, 2)) as net_revenue,
    round(
        cast(totalled.attributed_orders as double)
        / nullif(cast(totalled.month_orders as double), 0),
        6
    ) as order_share,
    round(
        cast(totalled.net_revenue as double)
        / nullif(cast(totalled.month_revenue as double), 0),
        6
    ) as revenue_share
from totalled
left join channels
    on totalled.channel_id = channels.channel_id
