with order_months as (

    select
        order_month,
        count(case when is_valid_order then order_id end) as valid_orders,
        sum(net_revenue_after_returns) as net_revenue
    from {{ ref('fct_orders') }}
    group by order_month

),

models as (

    {% for attribution_model in attribution_weights() %}
        select '{{ attribution_model }}' as attribution_model
        union distinct
    {% endfor %}
    select distinct attribution_model
    from {{ ref('fct_attribution') }}

),

expected as (

    select
        order_months.order_month,
        models.attribution_model,
        order_months.valid_orders,
        order_months.net_revenue
    from order_months
    cross join models

),

contributed as (

    select
        order_month,
        attribution_model,
        sum(attributed_orders) as attributed_orders,
        sum(net_revenue) as net_revenue,
        count(case when channel_id = '(unattributed)' then channel_id end) as unattributed_rows
    from {{ ref('channel_contribution') }}
    group by
        order_month,
        attribution_model

)

select
    coalesce(expected.order_month, contributed.order_month) as order_month,
    coalesce(expected.attribution_model, contributed.attribution_model) as attribution_model,
    expected.valid_orders,
    contributed.attributed_orders,
    expected.net_revenue,
    contributed.net_revenue as contributed_net_revenue
from expected
full outer join contributed
    on
        expected.order_month = contributed.order_month
        and expected.attribution_model = contributed.attribution_model
where
    expected.order_month is null
    or contributed.order_month is null
    or expected.valid_orders <> contributed.attributed_orders
    or expected.net_revenue <> contributed.net_revenue
    or contributed.unattributed_rows <> 1
