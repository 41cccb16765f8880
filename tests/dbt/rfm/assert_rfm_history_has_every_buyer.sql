with history as (

    select
        month_end,
        count(*) as customers,
        sum(case when movement_cause = 'first_purchase' then 1 else 0 end) as entries
    from {{ ref('customer_rfm_history') }}
    group by month_end

),

known as (

    select
        snapshots.snapshot_date,
        purchase_days.customer_id
    from {{ ref('int_snapshot_dates') }} as snapshots
    left join {{ ref('int_customer_purchase_days') }} as purchase_days
        on
            snapshots.snapshot_date >= purchase_days.valid_from
            and (
                purchase_days.valid_until is null
                or snapshots.snapshot_date < purchase_days.valid_until
            )
    where snapshots.is_month_end

),

first_known as (

    select
        customer_id,
        min(snapshot_date) as snapshot_date
    from known
    where customer_id is not null
    group by customer_id

),

buyers as (

    select
        snapshot_date,
        count(distinct customer_id) as customers
    from known
    group by snapshot_date

),

arrivals as (

    select
        snapshot_date,
        count(*) as customers
    from first_known
    group by snapshot_date

)

select
    buyers.snapshot_date,
    buyers.customers,
    coalesce(history.customers, 0) as history_customers,
    coalesce(arrivals.customers, 0) as arrivals,
    coalesce(history.entries, 0) as entries
from buyers
left join history
    on buyers.snapshot_date = history.month_end
left join arrivals
    on buyers.snapshot_date = arrivals.snapshot_date
where
    buyers.customers <> coalesce(history.customers, 0)
    or coalesce(arrivals.customers, 0) <> coalesce(history.entries, 0)
