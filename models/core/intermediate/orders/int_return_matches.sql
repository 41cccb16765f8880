{#- Which order returned money goes back to. The document's own reference decides; else the latest
    earlier sale of the customer with the product; else one with that amount; and of the candidates
    a sale whose state says that it came back is first. An order gives back no more than it took: what
    is above that has no order. Each match rests on earlier orders alone, so later data
    leave it as it is. -#}
with returned_lines as (

    select * from {{ ref('int_returned_lines') }}

),

sales as (

    select * from {{ ref('int_sales') }}

),

order_lines as (

    select * from {{ ref('int_order_lines_signed') }}

),

returning_customers as (

    select distinct customer_id
    from returned_lines

),

sold_lines as (

    select
        sales.order_id,
        sales.customer_id,
        sales.ordered_at,
        sales.is_sale_that_came_back,
        order_lines.product_id,
        order_lines.net_revenue
    from sales
    inner join returning_customers
        on sales.customer_id = returning_customers.customer_id
    inner join order_lines
        on sales.order_id = order_lines.order_id
    where order_lines.net_revenue > 0

),

referenced as (

    select
        returned_lines.order_line_id,
        sales.order_id as matched_order_id
    from returned_lines
    inner join sales
        on returned_lines.original_order_id = sales.order_id
    where returned_lines.is_document

),

unreferenced as (

    select returned_lines.*
    from returned_lines
    left join referenced
        on returned_lines.order_line_id = referenced.order_line_id
    where referenced.order_line_id is null

),

product_candidates as (

    select
        unreferenced.order_line_id,
        sold_lines.order_id as matched_order_id,
        row_number() over (
            partition by unreferenced.order_line_id
            order by
                case when unreferenced.order_id = sold_lines.order_id then 1 else 0 end desc,
                case when sold_lines.is_sale_that_came_back then 1 else 0 end desc,
                sold_lines.ordered_at desc,
                sold_lines.order_id desc
        ) as preference
    from unreferenced
    inner join sold_lines
        on
            unreferenced.customer_id = sold_lines.customer_id
            and unreferenced.product_id = sold_lines.product_id
            and unreferenced.returned_at >= sold_lines.ordered_at

),

by_product as (

    select
        order_line_id,
        matched_order_id
    from product_candidates
    where preference = 1

),

without_product as (

    select unreferenced.*
    from unreferenced
    left join by_product
        on unreferenced.order_line_id = by_product.order_line_id
    where by_product.order_line_id is null

),

amount_candidates as (

    select
        without_product.order_line_id,
        sales.order_id as matched_order_id,
        sales.is_sale_that_came_back,
        sales.ordered_at,
        case
            when sales.net_revenue = without_product.document_amount then 1
            when sales.net_revenue = without_product.line_amount then 2
            else 4
        end as closeness
    from without_product
    inner join sales
        on
            without_product.customer_id = sales.customer_id
            and without_product.returned_at >= sales.ordered_at
            and without_product.amount <= sales.net_revenue
    where without_product.is_document

    union all

    select
        without_product.order_line_id,
        sold_lines.order_id as matched_order_id,
        sold_lines.is_sale_that_came_back,
        sold_lines.ordered_at,
        3 as closeness
    from without_product
    inner join sold_lines
        on
            without_product.customer_id = sold_lines.customer_id
            and without_product.returned_at >= sold_lines.ordered_at
            and without_product.line_amount = sold_lines.net_revenue
    where without_product.is_document

),

ranked_amounts as (

    select
        amount_candidates.*,
        row_number() over (
            partition by order_line_id
            order by
                closeness asc,
                case when is_sale_that_came_back then 1 else 0 end desc,
                ordered_at desc,
                matched_order_id desc
        ) as preference
    from amount_candidates

),

-- A return line on a sale lowers that sale where nothing else is known.
by_amount as (

    select
        order_line_id,
        matched_order_id
    from ranked_amounts
    where preference = 1

    union all

    select
        order_line_id,
        order_id as matched_order_id
    from without_product
    where not is_document

),

matched as (

    select
        returned_lines.*,
        coalesce(
            referenced.matched_order_id, by_product.matched_order_id, by_amount.matched_order_id
        ) as matched_order_id,
        case
            when referenced.matched_order_id is not null then 'referenced'
            when by_product.matched_order_id is not null then 'product'
            when by_amount.matched_order_id is not null then 'amount'
            else 'unmatched'
        end as return_match
    from returned_lines
    left join referenced
        on returned_lines.order_line_id = referenced.order_line_id
    left join by_product
        on returned_lines.order_line_id = by_product.order_line_id
    left join by_amount
        on returned_lines.order_line_id = by_amount.order_line_id

),

running as (

    select
        matched.*,
        sales.customer_id as matched_customer_id,
        sales.sold_amount,
        sum(matched.amount) over (
            partition by matched.matched_order_id
            order by matched.returned_at, matched.order_id, matched.order_line_id
            rows between unbounded preceding and current row
        ) as running_amount
    from matched
    left join sales
        on matched.matched_order_id = sales.order_id

),

capped as (

    select
        running.*,
        case
            when matched_order_id is null then 0
            else least(running_amount, sold_amount) - least(running_amount - amount, sold_amount)
        end as matched_amount
    from running

)

select
    order_line_id,
    order_id,
    customer_id,
    order_date,
    returned_at,
    is_document,
    return_match,
    matched_order_id,
    matched_customer_id,
    amount,
    cast(matched_amount as decimal(18, 2)) as matched_amount,
    cast(amount - matched_amount as decimal(18, 2)) as unmatched_amount
from capped
