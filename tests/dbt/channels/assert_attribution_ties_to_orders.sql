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

model_count as (

    select count(*) as models
    from models

),

-- An order has touches under a model or one row without, under the incremental one both; that there
-- are not two without is the key's test.
parts as (

    select
        order_id,
        attribution_model,
        sum(order_credit) as order_credit,
        sum(revenue_credit) as revenue_credit,
        sum(contribution_credit) as contribution_credit,
        min(case when touchpoint_id is not null then least(order_credit, revenue_credit) end)
            as least_credit
    from credits
    where
        touchpoint_id is not null
        or attribution_model = 'incremental'
    group by
        order_id,
        attribution_model

    union all

    select
        order_id,
        attribution_model,
        order_credit,
        revenue_credit,
        contribution_credit,
        0 as least_credit
    from credits
    where
        touchpoint_id is null
        and attribution_model <> 'incremental'

),

compared as (

    select
        orders.order_id,
        count(parts.attribution_model) as models,
        count(
            case
                when
                    parts.order_credit <> case when orders.is_valid_order then 1 else 0 end
                    or parts.revenue_credit <> orders.net_revenue_after_returns
                    or parts.contribution_credit <> orders.contribution_amount
                    or (parts.contribution_credit is null) <> (orders.contribution_amount is null)
                    or parts.least_credit < 0
                    then 1
            end
        ) as wrong_models
    from orders
    left join parts
        on orders.order_id = parts.order_id
    group by orders.order_id

)

select
    compared.order_id,
    compared.models,
    compared.wrong_models
from compared
cross join model_count
where
    compared.models <> model_count.models
    or compared.wrong_models > 0
