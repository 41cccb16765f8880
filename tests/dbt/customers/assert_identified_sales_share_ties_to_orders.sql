with mart_weeks as (

    select
        week_start_date,
        sum(baskets) as baskets,
        sum(identified_baskets) as identified_baskets,
        sum(net_revenue) as net_revenue,
        sum(identified_net_revenue) as identified_net_revenue
    from {{ ref('identified_sales_share') }}
    group by week_start_date

),

order_days as (

    select
        order_date,
        count(case when is_valid_order then order_id end) as baskets,
        count(case when is_valid_order then customer_id end) as identified_baskets,
        sum(net_revenue) as net_revenue,
        sum(case when customer_id is not null then net_revenue else 0 end)
            as identified_net_revenue
    from {{ ref('fct_orders') }}
    group by order_date

),

order_weeks as (

    select
        mart_weeks.week_start_date,
        sum(order_days.baskets) as baskets,
        sum(order_days.identified_baskets) as identified_baskets,
        sum(order_days.net_revenue) as net_revenue,
        sum(order_days.identified_net_revenue) as identified_net_revenue
    from order_days
    left join mart_weeks
        on
            order_days.order_date >= mart_weeks.week_start_date
            and order_days.order_date
            < {{ dbt.dateadd('day', 7, 'mart_weeks.week_start_date') }}
    group by mart_weeks.week_start_date

)

select
    mart_weeks.week_start_date as mart_week,
    order_weeks.week_start_date as order_week,
    mart_weeks.net_revenue as mart_net_revenue,
    order_weeks.net_revenue
from mart_weeks
full outer join order_weeks
    on mart_weeks.week_start_date = order_weeks.week_start_date
where
    mart_weeks.week_start_date is null
    or order_weeks.week_start_date is null
    or mart_weeks.baskets <> order_weeks.baskets
    or mart_weeks.identified_baskets <> order_weeks.identified_baskets
    or mart_weeks.net_revenue <> order_weeks.net_revenue
    or mart_weeks.identified_net_revenue <> order_weeks.identified_net_revenue
