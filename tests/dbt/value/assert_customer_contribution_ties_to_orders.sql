{#- Shares of a channel's cost are rounded per customer, so they may differ by half a cent each. -#}
with contributions as (

    select * from {{ ref('customer_contribution') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}

),

channel_costs as (

    select * from {{ ref('stg_marketing__channel_costs') }}

),

reconciliation as (

    select * from {{ ref('revenue_reconciliation') }}

),

customer_totals as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(returned_amount), 0) as returned_amount,
        coalesce(sum(gross_sales), 0) as gross_sales,
        count(gross_sales) as gross_customers,
        sum(cost_of_goods) as cost_of_goods,
        coalesce(sum(uncosted_net_revenue), 0) as uncosted_net_revenue,
        sum(fulfilment_cost) as fulfilment_cost,
        coalesce(sum(channel_cost), 0)
        + coalesce(sum(contact_cost), 0)
        + coalesce(sum(acquisition_cost), 0) as channel_money,
        count(case when contribution_basis = 'revenue' then 1 end) as on_revenue
    from contributions

),

order_totals as (

    select
        coalesce(sum(case when is_identified then returned_amount end), 0) as returned_amount,
        coalesce(sum(case when not is_identified then net_revenue end), 0)
            as anonymous_net_revenue,
        sum(
            case
                when is_identified and order_status not in {{ void_order_statuses() }}
                    then fulfilment_cost
            end
        ) as fulfilment_cost
    from orders

),

line_totals as (

    select
        sum(case when customer_id is not null then cost_amount end) as cost_of_goods,
        coalesce(
            sum(
                case
                    when customer_id is not null and not is_return
                        then coalesce(gross_amount, net_revenue)
                end
            ), 0
        ) as gross_sales,
        coalesce(
            sum(case when customer_id is not null and cost_amount is null then net_revenue end), 0
        ) as uncosted_net_revenue,
        count(case when customer_id is not null and gross_amount is null then 1 end)
            as lines_without_gross
    from order_lines

),

touch_totals as (

    select coalesce(sum(cost_amount), 0) as cost_amount
    from touchpoints

),

channel_totals as (

    select coalesce(sum(cost_amount), 0) as cost_amount
    from channel_costs

),

expected as (

    select coalesce(max(case when kind = 'expected' then net_revenue end), 0) as net_revenue
    from reconciliation

)

select
    customer_totals.*,
    order_totals.anonymous_net_revenue,
    expected.net_revenue as expected_net_revenue
from customer_totals
cross join order_totals
cross join line_totals
cross join touch_totals
cross join channel_totals
cross join expected
where
    customer_totals.net_revenue + order_totals.anonymous_net_revenue <> expected.net_revenue
    or customer_totals.returned_amount <> order_totals.returned_amount
    or (
        line_totals.lines_without_gross = 0
        and customer_totals.gross_customers = customer_totals.customers
        and customer_totals.gross_sales <> line_totals.gross_sales
    )
    or (
        customer_totals.on_revenue = 0
        and (
            coalesce(customer_totals.cost_of_goods, 0) <> coalesce(line_totals.cost_of_goods, 0)
            or customer_totals.uncosted_net_revenue <> line_totals.uncosted_net_revenue
        )
    )
    or (customer_totals.on_revenue > 0 and customer_totals.on_revenue < customer_totals.customers)
    or customer_totals.fulfilment_cost <> order_totals.fulfilment_cost
    -- No money is charged twice.
    or customer_totals.channel_money
    > touch_totals.cost_amount + channel_totals.cost_amount + 0.015 * customer_totals.customers
