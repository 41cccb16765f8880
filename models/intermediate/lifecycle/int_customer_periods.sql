{#- The periods in which a customer bought, numbered on the period axis. A return takes back money,
    not the visit: who came in a period stays as it was, what is counted of it is what was kept. -#}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_purchase
        and is_identified

),

purchase_days as (

    select
        customer_id,
        order_date as purchase_date,
        count(*) as order_count,
        sum(net_revenue_after_returns) as net_revenue
    from orders
    group by
        customer_id,
        order_date

),

periods as (

    select * from {{ ref('int_periods') }}

),

active_periods as (

    select
        periods.period_grain,
        periods.period_number,
        periods.period_start,
        purchase_days.customer_id,
        sum(purchase_days.order_count) as orders,
        sum(purchase_days.net_revenue) as net_revenue
    from purchase_days
    inner join periods
        on
            purchase_days.purchase_date >= periods.period_start
            and purchase_days.purchase_date < periods.next_period_start
    group by
        periods.period_grain,
        periods.period_number,
        periods.period_start,
        purchase_days.customer_id

)

select
    period_grain,
    period_number,
    period_start,
    customer_id,
    orders,
    net_revenue,
    lag(period_number) over (partition by period_grain, customer_id order by period_number)
        as previous_active_period,
    lead(period_number) over (partition by period_grain, customer_id order by period_number)
        as next_active_period,
    min(period_number) over (partition by period_grain, customer_id) as first_period
from active_periods
