with orders as (

    select
        coalesce(store_id, '(unknown)') as store_id,
        cast({{ dbt.date_trunc('week', 'order_date') }} as date) as week_start_date,
        is_valid_order,
        is_identified,
        net_revenue
    from {{ ref('fct_orders') }}

),

store_weeks as (

    select
        store_id,
        week_start_date,
        sum(case when is_valid_order then 1 else 0 end) as baskets,
        sum(case when is_valid_order and is_identified then 1 else 0 end) as identified_baskets,
        sum(net_revenue) as net_revenue,
        sum(case when is_identified then net_revenue else 0 end) as identified_net_revenue
    from orders
    group by
        store_id,
        week_start_date

)

select
    store_id,
    week_start_date,
    cast(baskets as bigint) as baskets,
    cast(identified_baskets as bigint) as identified_baskets,
    cast(net_revenue as decimal(18, 2)) as net_revenue,
    cast(identified_net_revenue as decimal(18, 2)) as identified_net_revenue,
    round(cast(identified_baskets as double) / nullif(baskets, 0), 6) as identified_basket_share,
    round(
        cast(identified_net_revenue as double) / nullif(cast(net_revenue as double), 0), 6
    ) as identified_revenue_share
from store_weeks
