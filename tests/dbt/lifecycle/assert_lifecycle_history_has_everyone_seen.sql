with snapshots as (

    select * from {{ ref('int_snapshot_dates') }}
    where is_month_end

),

customers as (

    select * from {{ ref('dim_customers') }}

),

seen as (

    select
        snapshots.snapshot_date as month_end,
        count(*) as customers
    from snapshots
    inner join customers
        on
            snapshots.snapshot_date >= customers.first_seen_date
            or (snapshots.is_current and customers.first_seen_date is null)
    group by snapshots.snapshot_date

),

history as (

    select
        month_end,
        count(*) as customers
    from {{ ref('customer_lifecycle_history') }}
    group by month_end

)

select
    coalesce(seen.month_end, history.month_end) as month_end,
    seen.customers as seen_customers,
    history.customers
from seen
full outer join history
    on seen.month_end = history.month_end
where
    seen.month_end is null
    or seen.customers != coalesce(history.customers, 0)
