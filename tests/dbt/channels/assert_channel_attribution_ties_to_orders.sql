with orders as (

    select
        count(case when is_valid_order then 1 end) as valid_orders,
        sum(net_revenue_after_returns) as net_revenue,
        count(case when is_valid_order and is_identified then 1 end) as known_orders
    from {{ ref('fct_orders') }}

),

models as (

    select distinct attribution_model
    from {{ ref('fct_attribution') }}

),

attributed as (

    select
        attribution_model,
        sum(case when customer_kind = 'all' then conversions end) as conversions,
        sum(case when customer_kind = 'all' then revenue end) as revenue,
        sum(case when customer_kind <> 'all' then conversions end) as known_conversions
    from {{ ref('channel_attribution') }}
    group by attribution_model

)

select
    models.attribution_model,
    orders.valid_orders,
    attributed.conversions,
    orders.net_revenue,
    attributed.revenue
from models
cross join orders
left join attributed
    on models.attribution_model = attributed.attribution_model
where
    attributed.attribution_model is null
    or attributed.conversions <> orders.valid_orders
    or attributed.revenue <> orders.net_revenue
    or coalesce(attributed.known_conversions, 0) <> orders.known_orders
