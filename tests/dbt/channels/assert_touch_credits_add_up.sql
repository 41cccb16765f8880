{# The steps are private to their domain, its tests included. -#}
{{ config(group="channels") }}

with credited as (

    select
        order_id,
        attribution_model,
        sum(order_credit) as order_credit,
        sum(revenue_credit) as revenue_credit,
        min(order_credit) as least_order_credit,
        min(revenue_credit) as least_revenue_credit
    from {{ ref('int_order_touch_credits') }}
    group by
        order_id,
        attribution_model

)

select
    credited.order_id,
    credited.attribution_model,
    credited.order_credit,
    credited.revenue_credit,
    orders.net_revenue_after_returns
from credited
left join {{ ref('fct_orders') }} as orders
    on credited.order_id = orders.order_id
where
    orders.order_id is null
    or credited.order_credit <> 1
    or credited.revenue_credit <> orders.net_revenue_after_returns
    or credited.least_order_credit < 0
    or credited.least_revenue_credit < 0
