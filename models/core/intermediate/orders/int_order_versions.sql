{#- What was kept of a sale, as it was known: for the customers who were given money back, each sale
    once for every span of days in which nothing came off it. Money without an order comes off the customer's
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

returning_customers as (

    select customer_id
    from order_returns

    union

    select customer_id
    from customer_returns

),

order_totals as (

    select
        order_id,
        sum(amount) as amount
    from order_returns
    group by order_id

),

customer_totals as (

    select
        customer_id,
        sum(amount) as amount
    from customer_returns
    group by customer_id

),

-- Only the first sales of a customer ever bear money without a sale: those up to which, at the
-- least, less was kept than is owed.
queued as (

    select
        sales.order_id,
        sales.customer_id,
        sales.ordered_at,
        sales.order_date,
        sales.is_sale_that_came_back,
        sales.sold_amount,
        coalesce(customer_totals.amount, 0) as total_owed_amount,
        coalesce(
            sum(
                case
                    when sales.is_sale_that_came_back then 0
                    else sales.sold_amount - coalesce(order_totals.amount, 0)
                end
            ) over (
                partition by sales.customer_id
                order by sales.ordered_at, sales.order_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as least_amount_before
    from sales
    inner join returning_customers
        on sales.customer_id = returning_customers.customer_id
    left join order_totals
        on sales.order_id = order_totals.order_id
    left join customer_totals
        on sales.customer_id = customer_totals.customer_id

),

returning_sales as (

    select
        queued.*,
        least_amount_before < total_owed_amount as is_bearing
    from queued

),

bearing_days as (

    select
        customer_id,
        known_on
    from customer_returns

    union

    select
        order_returns.customer_id,
        order_returns.known_on
    from order_returns
    inner join returning_sales
        on order_returns.order_id = returning_sales.order_id
    where returning_sales.is_bearing

),

known_days as (

    select
        returning_sales.order_id,
        bearing_days.known_on
    from returning_sales
    inner join bearing_days
        on returning_sales.customer_id = bearing_days.customer_id
    where returning_sales.is_bearing

    union all

    select
        returning_sales.order_id,
        order_returns.known_on
    from returning_sales
    inner join order_returns
        on returning_sales.order_id = order_returns.order_id
    where not returning_sales.is_bearing

),

spans as (

    select
        returning_sales.order_id,
        cast(null as date) as known_from,
        min(known_days.known_on) as known_until
    from returning_sales
    left join known_days
        on returning_sales.order_id = known_days.order_id
    group by returning_sales.order_id

    union all

    select
        order_id,
        known_on as known_from,
        lead(known_on) over (partition by order_id order by known_on) as known_until
    from known_days

),

order_spans as (

    select
        returning_sales.order_id,
        returning_sales.customer_id,
        returning_sales.ordered_at,
        returning_sales.order_date,
        returning_sales.is_sale_that_came_back,
        returning_sales.sold_amount,
        returning_sales.is_bearing,
        spans.known_from,
        spans.known_until
    from returning_sales
    inner join spans
        on returning_sales.order_id = spans.order_id
    where
        spans.known_until is null
        or returning_sales.order_date < spans.known_until

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
        bearing_days.customer_id,
        bearing_days.known_on as known_from,
        sum(customer_returns.amount) as amount
    from bearing_days
    inner join customer_returns
        on
            bearing_days.customer_id = customer_returns.customer_id
            and bearing_days.known_on >= customer_returns.known_on
    group by
        bearing_days.customer_id,
        bearing_days.known_on

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
            case when order_spans.is_bearing then order_spans.customer_id end
            = owed_by_then.customer_id
            and order_spans.known_from = owed_by_then.known_from

),

running as (

    select
        own_amounts.*,
        sum(own_amount) over (
            partition by customer_id, is_bearing, known_from
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
