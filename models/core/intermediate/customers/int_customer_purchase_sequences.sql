{#- Purchase days in sequence, as they were known. A return that takes back a whole day closes the
    gap that the day made, so such a customer's days are put in sequence once for every span between
    two changes of the days themselves, as far as the base was looked at in it. -#}
with purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

day_spans as (

    select
        customer_id,
        purchase_date,
        valid_from,
        valid_until,
        lag(valid_until) over (partition by customer_id, purchase_date order by valid_from)
            as previous_valid_until,
        lead(valid_from) over (partition by customer_id, purchase_date order by valid_from)
            as next_valid_from
    from purchase_days

),

-- Days on which a purchase day came to be known late, or ceased to be one.
change_days as (

    select
        customer_id,
        valid_from as changed_on
    from day_spans
    where
        valid_from > purchase_date
        and (previous_valid_until is null or previous_valid_until < valid_from)

    union

    select
        customer_id,
        valid_until as changed_on
    from day_spans
    where
        valid_until is not null
        and (next_valid_from is null or valid_until < next_valid_from)

),

spans as (

    select
        customer_id,
        cast(null as date) as known_from,
        min(changed_on) as known_until
    from change_days
    group by customer_id

    union all

    select
        customer_id,
        changed_on as known_from,
        lead(changed_on) over (partition by customer_id order by changed_on) as known_until
    from change_days

),

seen_spans as (

    select distinct
        spans.customer_id,
        spans.known_from,
        spans.known_until
    from spans
    inner join snapshots
        on
            (spans.known_from is null or spans.known_from <= snapshots.snapshot_date)
            and (spans.known_until is null or spans.known_until > snapshots.snapshot_date)

),

changing_customers as (

    select distinct customer_id
    from change_days

),

known_days as (

    select distinct
        purchase_days.customer_id,
        cast(null as date) as known_from,
        cast(null as date) as known_until,
        purchase_days.purchase_date
    from purchase_days
    left join changing_customers
        on purchase_days.customer_id = changing_customers.customer_id
    where changing_customers.customer_id is null

    union all

    select distinct
        purchase_days.customer_id,
        seen_spans.known_from,
        seen_spans.known_until,
        purchase_days.purchase_date
    from purchase_days
    inner join seen_spans
        on
            purchase_days.customer_id = seen_spans.customer_id
            and (
                seen_spans.known_until is null or purchase_days.valid_from < seen_spans.known_until
            )
            and (
                purchase_days.valid_until is null
                or purchase_days.valid_until > seen_spans.known_from
                or seen_spans.known_from is null
            )

),

sequenced as (

    select
        customer_id,
        known_from,
        known_until,
        purchase_date,
        row_number() over (partition by customer_id, known_from order by purchase_date)
            as purchase_number,
        lag(purchase_date) over (partition by customer_id, known_from order by purchase_date)
            as previous_purchase_date,
        lead(purchase_date) over (partition by customer_id, known_from order by purchase_date)
            as next_purchase_date
    from known_days

)

select
    customer_id,
    known_from,
    known_until,
    purchase_date,
    purchase_number,
    previous_purchase_date,
    next_purchase_date,
    {{ dbt.datediff('previous_purchase_date', 'purchase_date', 'day') }} as gap_days
from sequenced
