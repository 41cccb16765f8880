{#- Money that was given back, line by line, as a positive amount. In a document, what the customer
    paid or kept on it comes off first, line after line, so that the lines add up to what the document
    gives back; a sale's own return lines count in full. -#}
with orders as (

    select * from {{ ref('int_orders_typed') }}
    where not is_void

),

order_lines as (

    select * from {{ ref('int_order_lines_signed') }}

),

order_sums as (

    select * from {{ ref('int_orders_summed') }}

),

negative_lines as (

    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.product_id,
        orders.customer_id,
        orders.order_type,
        orders.original_order_id,
        orders.order_date,
        -- A return that carries only a day comes after the sales of that day.
        case
            when orders.ordered_at = cast(orders.order_date as timestamp)
                then {{ dbt.dateadd('second', 86399, 'orders.ordered_at') }}
            else orders.ordered_at
        end as returned_at,
        order_sums.net_revenue < 0 as is_document,
        -order_lines.net_revenue as line_amount,
        -order_sums.net_revenue as document_amount
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    inner join order_sums
        on order_lines.order_id = order_sums.order_id
    where
        order_lines.net_revenue < 0
        and (
            order_sums.net_revenue < 0
            or (
                order_lines.is_return and orders.order_type = 'sale' and order_sums.net_revenue > 0
            )
        )

),

running as (

    select
        negative_lines.*,
        sum(line_amount) over (
            partition by order_id
            order by order_line_id
            rows between unbounded preceding and current row
        ) as running_amount,
        sum(line_amount) over (partition by order_id) - document_amount as offset_amount
    from negative_lines

),

offset_lines as (

    select
        running.*,
        case
            when is_document
                then
                    greatest(running_amount - offset_amount, 0)
                    - greatest(running_amount - line_amount - offset_amount, 0)
            else line_amount
        end as amount
    from running

)

select
    order_line_id,
    order_id,
    customer_id,
    product_id,
    original_order_id,
    order_date,
    returned_at,
    is_document,
    line_amount,
    document_amount,
    cast(amount as decimal(18, 2)) as amount
from offset_lines
where amount > 0
