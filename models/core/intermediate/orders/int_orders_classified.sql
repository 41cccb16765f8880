{#- The one rule of a valid order, with the reason where it is none, and what was kept of each order
    after returns. -#}
with orders as (

    select * from {{ ref('int_orders_visible') }}

),

typed as (

    select * from {{ ref('int_orders_typed') }}

),

order_sums as (

    select * from {{ ref('int_orders_summed') }}

),

sales as (

    select * from {{ ref('int_sales') }}

),

matches as (

    select * from {{ ref('int_return_matches') }}

),

newest_versions as (

    select * from {{ ref('int_order_versions') }}
    where valid_until is null

),

matched_returns as (

    select
        matched_order_id as order_id,
        sum(matched_amount) as matched_amount,
        sum(case when matched_order_id <> order_id then matched_amount else 0 end)
            as returned_later_amount
    from matches
    where matched_order_id is not null
    group by matched_order_id

),

customer_amounts as (

    select
        customer_id,
        sum(own_amount) as own_amount
    from newest_versions
    group by customer_id

),

-- Money without an order that no sale of the customer's can bear stays with the return.
owed as (

    select
        matches.order_id,
        matches.unmatched_amount,
        coalesce(customer_amounts.own_amount, 0) as bearable_amount,
        sum(matches.unmatched_amount) over (
            partition by
                matches.customer_id,
                case when matches.customer_id is null then matches.order_line_id end
            order by matches.returned_at, matches.order_id, matches.order_line_id
            rows between unbounded preceding and current row
        ) as running_amount
    from matches
    left join customer_amounts
        on matches.customer_id = customer_amounts.customer_id
    where matches.unmatched_amount > 0

),

unborne as (

    select
        order_id,
        sum(
            greatest(running_amount - bearable_amount, 0)
            - greatest(running_amount - unmatched_amount - bearable_amount, 0)
        ) as amount
    from owed
    group by order_id

),

joined as (

    select
        orders.order_id,
        orders.customer_id,
        orders.store_id,
        orders.channel_id,
        orders.ordered_at,
        orders.order_date,
        orders.order_status,
        typed.order_type,
        orders.original_order_id,
        orders.fulfilled_at,
        orders.shipping_amount,
        orders.fulfilment_cost,
        orders.is_void,
        typed.is_sale_that_came_back and matched_returns.order_id is null as is_sale_undone,
        coalesce(order_sums.line_count, 0) as line_count,
        coalesce(order_sums.net_revenue, 0) as ordered_amount,
        order_sums.gross_amount,
        order_sums.loyalty_discount,
        order_sums.promotion_discount,
        order_sums.coupon_match_discount,
        order_sums.manufacturer_coupon_discount,
        order_sums.amount_paid,
        coalesce(order_sums.returned_amount, 0) as returned_amount,
        order_sums.cost_amount,
        coalesce(matched_returns.returned_later_amount, 0) as returned_later_amount,
        case
            when sales.order_id is not null
                then
                    coalesce(
                        newest_versions.kept_amount,
                        sales.sold_amount - coalesce(matched_returns.matched_amount, 0)
                    )
            else greatest(coalesce(order_sums.net_revenue, 0), 0)
        end as kept_amount,
        coalesce(unborne.amount, 0) as unborne_amount
    from orders
    inner join typed
        on orders.order_id = typed.order_id
    left join order_sums
        on orders.order_id = order_sums.order_id
    left join sales
        on orders.order_id = sales.order_id
    left join newest_versions
        on orders.order_id = newest_versions.order_id
    left join matched_returns
        on orders.order_id = matched_returns.order_id
    left join unborne
        on orders.order_id = unborne.order_id

),

counted as (

    select
        joined.*,
        not is_void and not is_sale_undone as is_revenue
    from joined

)

select
    order_id,
    customer_id,
    store_id,
    channel_id,
    ordered_at,
    order_date,
    order_status,
    order_type,
    original_order_id,
    fulfilled_at,
    shipping_amount,
    fulfilment_cost,
    is_revenue,
    line_count,
    ordered_amount,
    {% for amount in [
        'gross_amount', 'loyalty_discount', 'promotion_discount', 'coupon_match_discount',
        'manufacturer_coupon_discount', 'amount_paid', 'cost_amount'
    ] %}
        case when is_revenue then {{ amount }} end as {{ amount }},
    {% endfor %}
    case when is_revenue then ordered_amount else 0 end as net_revenue,
    case when is_revenue then returned_amount else 0 end as returned_amount,
    returned_later_amount,
    case when is_revenue then kept_amount - unborne_amount else 0 end
        as net_revenue_after_returns,
    case
        when is_void then order_status
        when is_sale_undone then 'fully_returned'
        when order_type = 'return' then 'returned'
        when order_type = 'exchange' then 'exchange'
        when line_count = 0 then 'no_lines'
        when ordered_amount <= 0 then 'no_net_revenue'
        when kept_amount <= 0 then 'fully_returned'
    end as invalid_reason
from counted
