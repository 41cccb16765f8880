{#- Judges the stages by what happened next, but for those that a register decided. A customer
    counts once for every time they enter a stage, at the month end that shows it first; counting
    everyone in the stage each month would let long-lost customers flatter the rate. -#}
with runs as (

    select * from {{ ref('int_customer_stage_runs') }}
    where
        is_month_end
        and last_purchase_date is not null
        and coalesce(lost_source, 'silence') = 'silence'

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}
    where valid_until is null

),

as_of as (

    select * from {{ ref('as_of') }}

),

entries as (

    select
        runs.customer_id,
        runs.snapshot_date,
        runs.lifecycle_stage,
        runs.rhythm_class,
        {{ dbt.datediff('runs.snapshot_date', 'min(purchase_days.purchase_date)', 'day') }}
            as days_to_next_purchase
    from runs
    cross join as_of
    left join purchase_days
        on
            runs.customer_id = purchase_days.customer_id
            and runs.snapshot_date < purchase_days.purchase_date
            and purchase_days.purchase_date
            <= {{ dbt.dateadd('day', var('lifecycle_false_lapse_days'), 'runs.snapshot_date') }}
    where
        runs.is_stage_change
        and {{ dbt.dateadd('day', var('lifecycle_false_lapse_days'), 'runs.snapshot_date') }}
        < as_of.as_of_date
    group by
        runs.customer_id,
        runs.snapshot_date,
        runs.lifecycle_stage,
        runs.rhythm_class

),

by_rhythm as (

    select
        lifecycle_stage,
        rhythm_class,
        days_to_next_purchase
    from entries

    union all

    select
        lifecycle_stage,
        '(all)' as rhythm_class,
        days_to_next_purchase
    from entries

),

counted as (

    select
        lifecycle_stage,
        rhythm_class,
        count(*) as entries,
        count(
            case when days_to_next_purchase <= {{ var('lifecycle_false_lapse_days') }} then 1 end
        ) as returned
    from by_rhythm
    group by
        lifecycle_stage,
        rhythm_class

),

rates as (

    select
        counted.*,
        cast(returned as double) / nullif(entries, 0) as return_rate
    from counted

)

select
    lifecycle_stage,
    rhythm_class,
    cast({{ var('lifecycle_false_lapse_days') }} as bigint) as horizon_days,
    cast(entries as bigint) as entries,
    cast(returned as bigint) as returned_customers,
    return_rate,
    {{ wilson_bound('return_rate', 'entries', '-') }} as return_rate_low,
    {{ wilson_bound('return_rate', 'entries', '+') }} as return_rate_high,
    case when lifecycle_stage in ('dormant', 'lost') then return_rate end as false_lapse_rate
from rates
