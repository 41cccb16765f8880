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

origins as (

    select * from {{ ref('int_customer_origins') }}

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

),

sequenced as (

    select
        active_periods.*,
        lag(period_number) over (partition by period_grain, customer_id order by period_number)
            as previous_active_period,
        lead(period_number) over (partition by period_grain, customer_id order by period_number)
            as next_active_period,
        min(period_number) over (partition by period_grain, customer_id) as first_period
    from active_periods

)

-- Who was a customer before the data begin belongs to the first cohort, whatever their first
-- purchase in it.
select
    sequenced.period_grain,
    sequenced.period_number,
    sequenced.period_start,
    sequenced.customer_id,
    sequenced.orders,
    sequenced.net_revenue,
    sequenced.previous_active_period,
    sequenced.next_active_period,
    sequenced.first_period,
    origins.customer_id is not null as has_prior_history,
    case when origins.customer_id is null then sequenced.first_period else 1 end as cohort_period
from sequenced
left join origins
    on sequenced.customer_id = origins.customer_id
