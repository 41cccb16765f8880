{#- What every customer spent on a category in both periods of the newest pairs, and the anonymous
    together; returns on their own day. -#}
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

    select * from {{ ref('dim_products') }}

),

-- Ranges that touch share no day, so that a day is once in a pair.
pair_days as (

    select
        pairs.pair_number,
        days.date_day,
        days.date_day >= pairs.period_start as is_in_period
    from pairs
    inner join days
        on
            (pairs.period_start <= days.date_day and pairs.period_end > days.date_day)
            or (pairs.base_start <= days.date_day and pairs.base_end > days.date_day)

)

select
    pair_days.pair_number,
    order_lines.customer_id,
    coalesce(products.category, '(unknown)') as category,
    cast(
        sum(case when pair_days.is_in_period then order_lines.net_revenue else 0 end)
        as decimal(18, 2)
    ) as net_revenue,
    cast(
        sum(case when pair_days.is_in_period then 0 else order_lines.net_revenue end)
        as decimal(18, 2)
    ) as net_revenue_base
from order_lines
inner join pair_days
    on order_lines.order_date = pair_days.date_day
left join products
    on order_lines.product_id = products.product_id
group by
    pair_days.pair_number,
    order_lines.customer_id,
    coalesce(products.category, '(unknown)')
