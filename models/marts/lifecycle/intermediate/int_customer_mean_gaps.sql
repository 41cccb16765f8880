{#- A customer's usual gap at each purchase: the mean of the logarithms of the last gaps, so that
    one long absence does not pass for a slow rhythm. -#}
with purchase_days as (

    select * from {{ ref('int_customer_purchase_sequences') }}

),

log_gaps as (

    select
        customer_id,
        known_from,
        known_until,
        purchase_date,
        previous_purchase_date,
        next_purchase_date,
        purchase_number,
        gap_days,
        ln(gap_days) as log_gap
    from purchase_days

)

select
    customer_id,
    known_from,
    known_until,
    purchase_date,
    previous_purchase_date,
    next_purchase_date,
    purchase_number,
    gap_days,
    count(log_gap) over (
        partition by customer_id, known_from
        order by purchase_date
        rows between {{ var('lifecycle_rhythm_gaps') | int(1) - 1 }} preceding and current row
    ) as recent_gap_count,
    coalesce(
        sum(log_gap) over (
            partition by customer_id, known_from
            order by purchase_date
            rows between {{ var('lifecycle_rhythm_gaps') | int(1) - 1 }} preceding and current row
        ), 0
    ) as recent_log_gap_sum
from log_gaps
