{#- What share of a customer's net revenue remains after the cost of goods. The basis is one for
    all, so that values can be ranked; a customer's own margin is shrunk towards the base's, because
    a few orders say little about the next. -#}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_identified
        and (is_valid_order or invalid_reason in ('returned', 'fully_returned'))

),

-- Goods that came back take their cost with them.
customer_orders as (

    select
        customer_id,
        sum(case when is_valid_order then net_revenue else 0 end) as net_revenue,
        sum(
            case
                when is_valid_order and contribution_amount is not null then net_revenue
                else 0
            end
        ) as sold_costed_net_revenue,
        sum(case when contribution_amount is null then 0 else net_revenue end)
            as costed_net_revenue,
        coalesce(sum(contribution_amount), 0) as contribution_amount,
        count(case when is_valid_order then contribution_amount end) as costed_order_count
    from orders
    group by customer_id

),

base_sums as (

    select
        cast(sum(net_revenue) as double) as net_revenue,
        cast(sum(sold_costed_net_revenue) as double) as sold_costed_net_revenue,
        cast(sum(costed_net_revenue) as double) as costed_net_revenue,
        cast(sum(contribution_amount) as double) as contribution_amount,
        sum(costed_order_count) as costed_order_count
    from customer_orders

),

base as (

    select
        round(sold_costed_net_revenue / nullif(net_revenue, 0), 6) as base_cost_coverage,
        case when costed_net_revenue > 0 then contribution_amount / costed_net_revenue end
            as base_margin,
        {{ var('clv_margin_prior_orders') }} * costed_net_revenue / nullif(costed_order_count, 0)
            as prior_net_revenue
    from base_sums

),

shrunk as (

    select
        customer_orders.customer_id,
        base.base_cost_coverage,
        base.base_margin is not null
        and base.base_cost_coverage >= {{ var('clv_contribution_min_coverage') }}
            as is_cost_known,
        coalesce(
            case
                when customer_orders.costed_net_revenue >= 0
                    then
                        (
                            cast(customer_orders.contribution_amount as double)
                            + base.base_margin * base.prior_net_revenue
                        )
                        / nullif(
                            cast(customer_orders.costed_net_revenue as double)
                            + base.prior_net_revenue,
                            0
                        )
            end,
            base.base_margin
        ) as margin
    from customer_orders
    cross join base

)

select
    customer_id,
    base_cost_coverage,
    case when is_cost_known then 'contribution' else 'revenue' end as clv_basis,
    case when is_cost_known then round(margin, 6) end as contribution_margin
from shrunk
