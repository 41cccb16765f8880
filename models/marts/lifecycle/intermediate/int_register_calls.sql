{#- What the registers say of a customer at a snapshot: that they have left, or that they bought
    again not long ago after they had left. -#}
with leavings as (

    select * from {{ ref('int_customer_leavings') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

gone as (

    select
        snapshots.snapshot_date,
        leavings.customer_id,
        leavings.leaving_source,
        row_number() over (
            partition by snapshots.snapshot_date, leavings.customer_id
            order by leavings.left_on, leavings.leaving_source
        ) as leaving_number
    from snapshots
    inner join leavings
        on
            snapshots.snapshot_date >= leavings.left_on
            and (leavings.ended_on is null or snapshots.snapshot_date < leavings.ended_on)

),

back_again as (

    select
        snapshots.snapshot_date,
        leavings.customer_id,
        max(leavings.left_on) as returned_from
    from snapshots
    inner join leavings
        on
            snapshots.snapshot_date >= leavings.bought_again_on
            and {{ dbt.datediff('leavings.bought_again_on', 'snapshots.snapshot_date', 'day') }}
            < {{ var('lifecycle_reactivated_days') }}
    group by
        snapshots.snapshot_date,
        leavings.customer_id

)

select
    coalesce(gone.snapshot_date, back_again.snapshot_date) as snapshot_date,
    coalesce(gone.customer_id, back_again.customer_id) as customer_id,
    gone.leaving_source,
    back_again.returned_from
from gone
full outer join back_again
    on
        gone.snapshot_date = back_again.snapshot_date
        and gone.customer_id = back_again.customer_id
where coalesce(gone.leaving_number, 1) = 1
