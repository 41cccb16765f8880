with orders as (

    select
        count(*) as order_count,
        sum(
            case
                when
                    order_status not in ('cancelled', 'unavailable', 'test')
                    and ordered_amount = net_revenue
                    then line_count
            end
        ) as line_count,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_after_returns) as net_revenue_after_returns,
        sum(returned_amount) as returned_amount,
        count(case when is_valid_order and is_identified then 1 end) as numbered_orders,
        count(customer_order_number) as order_numbers
    from {{ ref('fct_orders') }}

),

visible as (

    select count(*) as order_count
    from {{ ref('int_orders_visible') }}

),

order_lines as (

    select
        count(*) as line_count,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(-sum(case when is_return then net_revenue end), 0) as returned_amount
    from {{ ref('fct_order_lines') }}

)

select
    orders.order_count,
    visible.order_count as visible_order_count,
    orders.line_count,
    order_lines.line_count as counted_lines,
    orders.net_revenue,
    orders.net_revenue_after_returns,
    order_lines.net_revenue as line_revenue,
    orders.returned_amount,
    order_lines.returned_amount as returned_on_lines,
    orders.numbered_orders,
    orders.order_numbers
from orders
cross join visible
cross join order_lines
where
    orders.order_count != visible.order_count
    or coalesce(orders.line_count, 0) != order_lines.line_count
    or coalesce(orders.net_revenue, 0) != order_lines.net_revenue
    or coalesce(orders.net_revenue, 0) != coalesce(orders.net_revenue_after_returns, 0)
    or coalesce(orders.returned_amount, 0) != order_lines.returned_amount
    or orders.numbered_orders != orders.order_numbers
