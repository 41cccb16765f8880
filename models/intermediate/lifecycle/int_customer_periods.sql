{#- The periods in which a customer bought, numbered on the period axis. -#}
with purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

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
