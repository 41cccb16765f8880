{# The steps are private to their domain, its tests included. -#}
{{ config(group="channels") }}

with touched_orders as (

    select distinct order_id
    from {{ ref('int_order_touches') }}

),

expected as (

    {% for attribution_model in attribution_weights() %}
        select
            order_id,
            '{{ attribution_model }}' as attribution_model
        from touched_orders
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

credited as (

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
    coalesce(expected.order_id, credited.order_id) as order_id,
    coalesce(expected.attribution_model, credited.attribution_model) as attribution_model,
    credited.order_credit,
    credited.revenue_credit,
    orders.net_revenue_after_returns
from expected
full outer join credited
    on
        expected.order_id = credited.order_id
        and expected.attribution_model = credited.attribution_model
left join {{ ref('fct_orders') }} as orders
    on credited.order_id = orders.order_id
where
    expected.order_id is null
    or orders.order_id is null
    or credited.order_credit <> 1
    or credited.revenue_credit <> orders.net_revenue_after_returns
    or credited.least_order_credit < 0
    or credited.least_revenue_credit < 0
