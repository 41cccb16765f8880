-- A warning, because scores are older than the base between landing and scoring.
{{ config(
    severity='warn',
    meta={'description': 'scores rest on the customers that the warehouse counts'}
) }}

with as_of as (

    select
        as_of_date,
        cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date) as last_day_observed
    from {{ ref('as_of') }}

),

purchase_days as (

    select
        customer_id,
        valid_from,
        valid_until
    from {{ ref('int_customer_purchase_days') }}

),

reported as (

    select
        'model_runs' as model_table,
        as_of.last_day_observed as cutoff_date,
        cast(runs.horizon_days as string) || ' ' || runs.task || ' ' || runs.model as subject,
        runs.customers,
        runs.repeat_customers,
        true as is_whole_base
    from {{ ref('model_runs') }} as runs
    inner join as_of
        on runs.as_of_date = as_of.as_of_date
    where runs.customers is not null

    union all

    select
        'model_backtests' as model_table,
        backtests.cutoff_date,
        cast(backtests.horizon_days as string) || ' ' || backtests.task || ' ' || backtests.model
            as subject,
        max(backtests.customers) as customers,
        null as repeat_customers,
        false as is_whole_base
    from {{ ref('model_backtests') }} as backtests
    inner join as_of
        on backtests.as_of_date = as_of.as_of_date
    group by
        backtests.cutoff_date,
        backtests.horizon_days,
        backtests.task,
        backtests.model

    union all

    select
        'model_calibration' as model_table,
        calibration.cutoff_date,
        cast(calibration.horizon_days as string)
        || ' '
        || calibration.task
        || ' '
        || calibration.model as subject,
        sum(calibration.customers) as customers,
        null as repeat_customers,
        false as is_whole_base
    from {{ ref('model_calibration') }} as calibration
    inner join as_of
        on calibration.as_of_date = as_of.as_of_date
    group by
        calibration.cutoff_date,
        calibration.horizon_days,
        calibration.task,
        calibration.model

    union all

    select
        'score_distributions' as model_table,
        distributions.cutoff_date,
        distributions.kind || ' ' || distributions.variable as subject,
        sum(distributions.customers) as customers,
        null as repeat_customers,
        distributions.cutoff_date = as_of.last_day_observed as is_whole_base
    from {{ ref('stg_scores__score_distributions') }} as distributions
    inner join as_of
        on distributions.as_of_date = as_of.as_of_date
    group by
        distributions.cutoff_date,
        distributions.kind,
        distributions.variable,
        as_of.last_day_observed

),

cutoffs as (

    select distinct cutoff_date
    from reported

),

known_customers as (

    select
        cutoffs.cutoff_date,
        purchase_days.customer_id,
        count(*) as purchase_days
    from cutoffs
    inner join purchase_days
        on
            cutoffs.cutoff_date >= purchase_days.valid_from
            and (
                purchase_days.valid_until is null
                or cutoffs.cutoff_date < purchase_days.valid_until
            )
    group by
        cutoffs.cutoff_date,
        purchase_days.customer_id

),

bases as (

    select
        cutoff_date,
        count(*) as customers,
        sum(case when purchase_days > 1 then 1 else 0 end) as repeat_customers
    from known_customers
    group by cutoff_date

)

select
    reported.model_table,
    reported.subject,
    reported.cutoff_date,
    reported.customers,
    reported.repeat_customers,
    bases.customers as base_customers,
    bases.repeat_customers as base_repeat_customers
from reported
left join bases
    on reported.cutoff_date = bases.cutoff_date
where
    bases.cutoff_date is null
    or reported.customers > bases.customers
    or (reported.is_whole_base and reported.customers < bases.customers)
    or reported.repeat_customers <> bases.repeat_customers
