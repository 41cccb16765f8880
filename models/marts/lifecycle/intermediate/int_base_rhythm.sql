{#- The base's usual gap at each snapshot: what a customer without gaps of their own is taken for.
    Only gaps completed by then count, and each customer counts once. -#}
with mean_gaps as (

    select * from {{ ref('int_customer_mean_gaps') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

customer_rhythms as (

    select
        snapshots.snapshot_date,
        mean_gaps.recent_log_gap_sum / mean_gaps.recent_gap_count as mean_log_gap
    from snapshots
    inner join mean_gaps
        on
            snapshots.snapshot_date >= mean_gaps.purchase_date
            and (mean_gaps.known_from is null or snapshots.snapshot_date >= mean_gaps.known_from)
            and (mean_gaps.known_until is null or snapshots.snapshot_date < mean_gaps.known_until)
            and (
                mean_gaps.next_purchase_date is null
                or snapshots.snapshot_date < mean_gaps.next_purchase_date
            )
    where mean_gaps.recent_gap_count > 0

),

base as (

    select
        snapshot_date,
        avg(mean_log_gap) as mean_log_gap
    from customer_rhythms
    group by snapshot_date

)

select
    snapshots.snapshot_date,
    snapshots.is_month_end,
    round(coalesce(base.mean_log_gap, ln({{ var('lifecycle_rhythm_prior_days') }})), 9)
        as base_log_gap
from snapshots
left join base
    on snapshots.snapshot_date = base.snapshot_date
