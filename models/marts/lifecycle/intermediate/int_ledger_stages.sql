{#- Stages of customers who had bought before the data begin: until an order names them, their
    points and coupons stand in for purchases, judged by the base's rhythm. -#}
with ledger_days as (

    select * from {{ ref('int_customer_ledger_days') }}

),

origins as (

    select * from {{ ref('int_customer_origins') }}
    where is_prior_buyer

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

base_rhythm as (

    select * from {{ ref('int_base_rhythm') }}

),

spans as (

    select
        ledger_days.customer_id,
        ledger_days.ledger_date,
        lead(ledger_days.ledger_date) over (
            partition by ledger_days.customer_id
            order by ledger_days.ledger_date, ledger_days.ledger_source
        ) as next_ledger_date
    from ledger_days
    inner join origins
        on ledger_days.customer_id = origins.customer_id

),

silences as (

    select
        snapshots.snapshot_date,
        spans.customer_id,
        {{ dbt.datediff('spans.ledger_date', 'snapshots.snapshot_date', 'day') }} as silent_days,
        round(exp(base_rhythm.base_log_gap), 6) as base_gap_days
    from snapshots
    inner join base_rhythm
        on snapshots.snapshot_date = base_rhythm.snapshot_date
    inner join spans
        on
            snapshots.snapshot_date >= spans.ledger_date
            and (spans.next_ledger_date is null or snapshots.snapshot_date < spans.next_ledger_date)

)

select
    snapshot_date,
    customer_id,
    case
        when silent_days >= {{ lost_after_days('base_gap_days') }} then 'lost'
        when silent_days >= {{ dormant_after_days('base_gap_days') }} then 'dormant'
        when silent_days >= {{ declining_after_days('base_gap_days') }} then 'declining'
        else 'mature'
    end as lifecycle_stage
from silences
