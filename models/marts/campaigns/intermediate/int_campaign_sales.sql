{#- What customers bought by day. Where nearly all revenue has a cost, an order without one is taken
    to have the margin of the others; otherwise there is no contribution. -#}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

base as (

    select
        sum(contribution_amount)
        / nullif(sum(case when contribution_amount is not null then net_revenue end), 0) as margin,
        sum(case when contribution_amount is not null then net_revenue end)
        >= {{ var('clv_contribution_min_coverage') }} * sum(net_revenue) as is_cost_known
    from orders

)

select
    orders.customer_id,
    orders.order_date,
    count(*) as orders,
    cast(sum(orders.net_revenue_after_returns) as double) as revenue,
    cast(
        sum(
            case
                when base.is_cost_known
                    then
                        cast(
                            coalesce(orders.contribution_amount, orders.net_revenue * base.margin)
                            as decimal(18, 2)
                        )
            end
        )
        as double
    ) as contribution
from orders
cross join base
group by
    orders.customer_id,
    orders.order_date
