{#- What was kept of a sale, as it was known: for the customers who were given money back, each sale
    once for every span of days between two returns. Money without an order comes off the customer's
    sales in their sequence, so that it rests on what was known, and a debt is carried to the next
    sale. -#}
with sales as (

    select * from {{ ref('int_sales') }}
    where customer_id is not null

),

matches as (

    select * from {{ ref('int_return_matches') }}

),

order_returns as (

    select
        matched_customer_id as customer_id,
        matched_order_id as order_id,
        order_date as known_on,
        sum(matched_amount) as amount
    from matches
    where
        matched_amount > 0
        and matched_customer_id is not null
    group by
        matched_customer_id,
        matched_order_id,
        order_date

),

customer_returns as (

    select
        customer_id,
        order_date as known_on,
        sum(unmatched_amount) as amount
    from matches
    where
        unmatched_amount > 0
        and customer_id is not null
    group by
        customer_id,
        order_date

),

known_days as (

    select
        customer_id,
        known_on
    from order_returns

    union

    select
        customer_id,
        known_on
    from customer_returns

),

spans as (

    select
        customer_id,
        cast(null as date) as known_from,
        min(known_on) as known_until
    from known_days
    group by customer_id

    union all

    select
        customer_id,
        known_on as known_from,
        lead(known_on) over (partition by customer_id order by known_on) as known_until
    from known_days

),

order_spans as (

    select
        sales.order_id,
        sales.customer_id,
        sales.ordered_at,
        sales.order_date,
        sales.is_sale_that_came_back,
        sales.sold_amount,
        spans.known_from,
        spans.known_until
    from sales
    inner join spans
        on sales.customer_id = spans.customer_id
    where
        spans.known_until is null
        or sales.order_date < spans.known_until

),

returned_by_then as (

    select
        order_spans.order_id,
        order_spans.known_from,
        sum(order_returns.amount) as amount
    from order_spans
    inner join order_returns
        on
            order_spans.order_id = order_returns.order_id
            and order_spans.known_from >= order_returns.known_on
    group by
        order_spans.order_id,
        order_spans.known_from

),

owed_by_then as (

    select
        spans.customer_id,
        spans.known_from,
        sum(customer_returns.amount) as amount
    from spans
    inner join customer_returns
        on
            spans.customer_id = customer_returns.customer_id
            and spans.known_from >= customer_returns.known_on
    group by
        spans.customer_id,
        spans.known_from

),

own_amounts as (

    select
        order_spans.*,
        coalesce(owed_by_then.amount, 0) as owed_amount,
        case
            when order_spans.is_sale_that_came_back and returned_by_then.amount is null then 0
            else order_spans.sold_amount - coalesce(returned_by_then.amount, 0)
        end as own_amount
    from order_spans
    left join returned_by_then
        on
            order_spans.order_id = returned_by_then.order_id
            and order_spans.known_from = returned_by_then.known_from
    left join owed_by_then
        on
            order_spans.customer_id = owed_by_then.customer_id
            and order_spans.known_from = owed_by_then.known_from

),

running as (

    select
        own_amounts.*,
        sum(own_amount) over (
            partition by customer_id, known_from
            order by ordered_at, order_id
            rows between unbounded preceding and current row
        ) as running_amount
    from own_amounts

)

select
    order_id,
    customer_id,
    order_date,
    case when known_from > order_date then known_from else order_date end as valid_from,
    known_until as valid_until,
    cast(own_amount as decimal(18, 2)) as own_amount,
    cast(least(own_amount, greatest(running_amount - owed_amount, 0)) as decimal(18, 2))
        as kept_amount
from running
