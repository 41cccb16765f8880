with orders as (

    select * from {{ ref('fct_orders') }}

),

credits as (

    select * from {{ ref('fct_attribution') }}

),

models as (

    {% for attribution_model in attribution_weights() %}
        select '{{ attribution_model }}' as attribution_model
        union distinct
    {% endfor %}
    select distinct attribution_model
    from credits

),

expected as (

    select
        orders.order_id,
        models.attribution_model,
        case when orders.is_valid_order then 1 else 0 end as order_credit,
        orders.net_revenue_after_returns,
        orders.contribution_amount
    from orders
    cross join models

),

credited as (

    select
        order_id,
        attribution_model,
        sum(order_credit) as order_credit,
        sum(revenue_credit) as revenue_credit,
        sum(contribution_credit) as contribution_credit,
        min(order_credit) as least_order_credit,
        min(case when touchpoint_id is not null then revenue_credit end) as least_revenue_credit
    from credits
    group by
        order_id,
        attribution_model

)

select
    coalesce(expected.order_id, credited.order_id) as order_id,
    coalesce(expected.attribution_model, credited.attribution_model) as attribution_model,
    credited.order_credit,
    credited.revenue_credit,
    expected.net_revenue_after_returns,
    credited.contribution_credit,
    expected.contribution_amount
from expected
full outer join credited
    on
        expected.order_id = credited.order_id
        and expected.attribution_model = credited.attribution_model
where
    expected.order_id is null
    or credited.order_id is null
    or credited.order_credit <> expected.order_credit
    or credited.revenue_credit <> expected.net_revenue_after_returns
    or credited.contribution_credit <> expected.contribution_amount
    or (credited.contribution_credit is null) <> (expected.contribution_amount is null)
    or credited.least_order_credit < 0
    or credited.least_revenue_credit < 0
