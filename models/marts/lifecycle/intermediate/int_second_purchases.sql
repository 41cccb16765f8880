{#- How long the base takes for a second purchase, by which a customer with one is overdue. Told by
    the second purchases of the time before each snapshot, customers of old left out. -#}
{%- set window_start = -1 * var('lifecycle_second_purchase_window_days') -%}

with mean_gaps as (

    select * from {{ ref('int_customer_mean_gaps') }}
    where purchase_number = 2

),

origins as (

    select * from {{ ref('int_customer_origins') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

second_purchases as (

    select
        mean_gaps.purchase_date,
        mean_gaps.gap_days
    from mean_gaps
    left join origins
        on mean_gaps.customer_id = origins.customer_id
    where origins.customer_id is null

)

select
    snapshots.snapshot_date,
    {{ percentile('second_purchases.gap_days', var('lifecycle_second_purchase_share')) }}
        as second_purchase_days
from snapshots
inner join second_purchases
    on
        snapshots.snapshot_date >= second_purchases.purchase_date
        and second_purchases.purchase_date
        > {{ dbt.dateadd('day', window_start, 'snapshots.snapshot_date') }}
group by snapshots.snapshot_date
