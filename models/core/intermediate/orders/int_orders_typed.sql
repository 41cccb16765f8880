{#- What each order is: a sale, a return or an exchange, and how its amounts are to be read. Tills
    write a return with negative quantities, with negative amounts, or with positive figures under a
    heading that says so. -#}
with orders as (

    select * from {{ ref('int_orders_visible') }}

),

order_lines as (

    select * from {{ ref('stg_pos__order_lines') }}

),

line_sums as (

    select
        order_id,
        count(*) as line_count,
        sum(case when quantity < 0 and net_revenue > 0 then -net_revenue else net_revenue end)
            as net_revenue,
        sum(case when quantity < 0 then 1 else 0 end) as negative_lines
    from order_lines
    group by order_id

),

described as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.order_date,
        orders.order_status,
        orders.order_type as landed_type,
        orders.is_void,
        case when orders.original_order_id <> orders.order_id then orders.original_order_id end
            as original_order_id,
        coalesce(line_sums.net_revenue, 0) as net_revenue,
        coalesce(line_sums.negative_lines, 0) as negative_lines,
        coalesce(
            line_sums.net_revenue < 0 or line_sums.negative_lines = line_sums.line_count, false
        ) as takes_back
    from orders
    left join line_sums
        on orders.order_id = line_sums.order_id

),

-- What the state 'returned' stands for in this landing: a document, or a sale that came back.
returned_state as (

    select
        coalesce(
            cast(
                count(case when takes_back or original_order_id is not null then 1 end) as double
            )
            / nullif(count(*), 0) >= {{ var('returned_state_document_share') }},
            false
        ) as is_a_document
    from described
    where
        order_status = 'returned'
        and landed_type is null

),

typed as (

    select
        described.order_id,
        described.customer_id,
        described.ordered_at,
        described.order_date,
        described.order_status,
        described.landed_type,
        described.is_void,
        described.original_order_id,
        described.net_revenue,
        described.negative_lines,
        case
            when described.landed_type = 'exchange' then 'exchange'
            when described.landed_type = 'return' or described.takes_back
                then case described.order_status when 'exchange' then 'exchange' else 'return' end
            when described.landed_type = 'sale' then 'sale'
            when described.order_status = 'exchange' then 'exchange'
            when described.original_order_id is not null
                then
                    case
                        when described.order_status = 'returned' or described.negative_lines = 0
                            then 'return'
                        else 'exchange'
                    end
            when described.order_status = 'returned' and returned_state.is_a_document then 'return'
            else 'sale'
        end as order_type
    from described
    cross join returned_state

)

select
    order_id,
    customer_id,
    ordered_at,
    order_date,
    order_type,
    original_order_id,
    is_void,
    coalesce(landed_type = 'return', false)
    or order_status = 'returned'
    or original_order_id is not null as is_stated_return,
    order_type = 'return'
    and net_revenue > 0
    and negative_lines = 0
    and (coalesce(landed_type = 'return', false) or original_order_id is not null) as is_turned,
    order_type = 'sale'
    and order_status = 'returned'
    and negative_lines = 0
    and not is_void as is_sale_that_came_back
from typed
