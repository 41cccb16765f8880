{#- A purchase after a silence in which the customer had become dormant starts a new clock. The
    silence is judged by what was known before it: the gaps up to then and the base's rhythm at the
    month end before. -#}
with mean_gaps as (

    select * from {{ ref('int_customer_mean_gaps') }}

),

base_rhythm as (

    select * from {{ ref('int_base_rhythm') }}
    where is_month_end

),

known_before as (

    select
        customer_id,
        known_from,
        known_until,
        purchase_date,
        next_purchase_date,
        purchase_number,
        gap_days,
        recent_gap_count,
        recent_log_gap_sum,
        coalesce(
            lag(recent_gap_count) over (
                partition by customer_id, known_from order by purchase_date
            ), 0
        ) as gap_count_before,
        coalesce(
            lag(recent_log_gap_sum) over (
                partition by customer_id, known_from order by purchase_date
            ), 0
        ) as log_gap_sum_before,
        cast({{ dbt.dateadd('day', -1, dbt.date_trunc('month', 'purchase_date')) }} as date)
            as previous_month_end
    from mean_gaps

),

judged as (

    select
        known_before.customer_id,
        known_before.known_from,
        known_before.known_until,
        known_before.purchase_date,
        known_before.next_purchase_date,
        known_before.purchase_number,
        known_before.gap_days,
        known_before.recent_gap_count,
        known_before.recent_log_gap_sum,
        {{ expected_gap_days(
            'known_before.log_gap_sum_before',
            'known_before.gap_count_before',
            "coalesce(base_rhythm.base_log_gap, ln(" ~ var('lifecycle_rhythm_prior_days') ~ "))"
        ) }} as expected_gap_before
    from known_before
    left join base_rhythm
        on known_before.previous_month_end = base_rhythm.snapshot_date

),

restarts as (

    select
        judged.*,
        purchase_number > 1 and gap_days >= {{ dormant_after_days('expected_gap_before') }}
            as is_reactivation
    from judged

)

select
    customer_id,
    known_from,
    known_until,
    purchase_date,
    next_purchase_date,
    purchase_number,
    gap_days,
    recent_gap_count,
    recent_log_gap_sum,
    is_reactivation,
    sum(case when is_reactivation then 1 else 0 end) over (
        partition by customer_id, known_from
        order by purchase_date
        rows between unbounded preceding and current row
    ) as reactivations,
    max(case when purchase_number = 1 or is_reactivation then purchase_date end) over (
        partition by customer_id, known_from
        order by purchase_date
        rows between unbounded preceding and current row
    ) as clock_start_date
from restarts
