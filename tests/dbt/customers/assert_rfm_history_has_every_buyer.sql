-- At each month end the history holds the customers who had bought by then, each moved in once.
with history as (

    select
        month_end,
        count(*) as customers,
        sum(case when movement_cause = 'first_purchase' then 1 else 0 end) as entries
    from {{ ref('customer_rfm_history') }}
    group by month_end

),

buyers as (

    select
        snapshots.snapshot_date,
        count(customers.customer_id) as customers
    from {{ ref('int_snapshot_dates') }} as snapshots
    left join {{ ref('dim_customers') }} as customers
        on snapshots.snapshot_date >= customers.first_order_date
    where snapshots.is_month_end
    group by snapshots.snapshot_date

),

compared as (

    select
        buyers.snapshot_date,
        buyers.customers,
        coalesce(history.customers, 0) as history_customers,
        sum(coalesce(history.entries, 0)) over (order by buyers.snapshot_date) as entries_to_date
    from buyers
    left join history
        on buyers.snapshot_date = history.month_end

)

select *
from compared
where
    customers <> history_customers
    or customers <> entries_to_date
