{#- What every customer spent on a category in both periods of the newest pairs, and the anonymous
    together; returns on their own day. A line is in many pairs: lines are summed once, by spans of days
    that are in the same periods, and by the number of the category. -#}
with pairs as (

    select * from {{ ref('int_movement_pairs') }}
    where
        is_complete
        and recency_rank <= {{ var('movement_category_periods') }}

),

days as (

    select * from {{ ref('date_spine') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where net_revenue <> 0

),

products as (

    select
        product_id,
        category,
        case when category is null then 0 else dense_rank() over (order by category) end
            as category_number
    from {{ ref('dim_products') }}

),

categories as (

    select distinct
        category_number,
        category
    from products

),

bounds as (

    select period_start as bound from pairs
    union distinct
    select period_end as bound from pairs
    union distinct
    select base_start as bound from pairs
    union distinct
    select base_end as bound from pairs

),

-- Days before every period are in no span.
day_spans as (

    select
        days.date_day,
        max(bounds.bound) as span_start
    from days
    inner join bounds
        on days.date_day >= bounds.bound
    group by days.date_day

),

spans as (

    select distinct span_start
    from day_spans

),

-- Ranges that touch share no day, so that a span is once in a pair.
pair_spans as (

    select
        pairs.pair_number,
        spans.span_start,
        spans.span_start >= pairs.period_start as is_in_period
    from pairs
    inner join spans
        on
            (pairs.period_start <= spans.span_start and pairs.period_end > spans.span_start)
            or (pairs.base_start <= spans.span_start and pairs.base_end > spans.span_start)

),

span_spend as (

    select
        day_spans.span_start,
        order_lines.customer_id,
        coalesce(products.category_number, 0) as category_number,
        sum(order_lines.net_revenue) as net_revenue
    from order_lines
    inner join day_spans
        on order_lines.order_date = day_spans.date_day
    left join products
        on order_lines.product_id = products.product_id
    group by
        day_spans.span_start,
        order_lines.customer_id,
        coalesce(products.category_number, 0)

),

pair_spend as (

    select
        pair_spans.pair_number,
        span_spend.customer_id,
        span_spend.category_number,
        sum(case when pair_spans.is_in_period then span_spend.net_revenue else 0 end)
            as net_revenue,
        sum(case when pair_spans.is_in_period then 0 else span_spend.net_revenue end)
            as net_revenue_base
    from span_spend
    inner join pair_spans
        on span_spend.span_start = pair_spans.span_start
    group by
        pair_spans.pair_number,
        span_spend.customer_id,
        span_spend.category_number

)

select
    pair_spend.pair_number,
    pair_spend.customer_id,
    coalesce(categories.category, '(unknown)') as category,
    cast(pair_spend.net_revenue as decimal(18, 2)) as net_revenue,
    cast(pair_spend.net_revenue_base as decimal(18, 2)) as net_revenue_base
from pair_spend
left join categories
    on pair_spend.category_number = categories.category_number
