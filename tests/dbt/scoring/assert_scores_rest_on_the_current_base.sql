-- Models were fitted, judged and binned on the customers that the warehouse counts at the cutoff.
-- A warning, because scores are older than the base between landing and scoring.
{{ config(severity='warn') }}

with as_of as (

    select * from {{ ref('as_of') }}

),

bases as (

    select
        summarised.cutoff_date,
        count(*) as customers,
        sum(case when summarised.frequency > 0 then 1 else 0 end) as repeat_customers
    from {{ ref('int_customers_summarised') }} as summarised
    group by summarised.cutoff_date

),

reported as (

    select
        'model_runs' as model_table,
        runs.cutoff_date,
        runs.task || ' ' || runs.model as subject,
        runs.repeat_customers as customers,
        true as counts_repeat_customers
    from {{ ref('model_runs') }} as runs
    inner join as_of
        on runs.as_of_date = as_of.as_of_date

    union all

    select
        'model_backtests' as model_table,
        backtests.cutoff_date,
        backtests.task || ' ' || backtests.model as subject,
        max(backtests.customers) as customers,
        false as counts_repeat_customers
    from {{ ref('model_backtests') }} as backtests
    inner join as_of
        on backtests.as_of_date = as_of.as_of_date
    group by
        backtests.cutoff_date,
        backtests.task,
        backtests.model

    union all

    select
        'model_calibration' as model_table,
        calibration.cutoff_date,
        calibration.task || ' ' || calibration.model as subject,
        sum(calibration.customers) as customers,
        false as counts_repeat_customers
    from {{ ref('model_calibration') }} as calibration
    inner join as_of
        on calibration.as_of_date = as_of.as_of_date
    group by
        calibration.cutoff_date,
        calibration.task,
        calibration.model

)

select
    reported.model_table,
    reported.subject,
    reported.cutoff_date,
    reported.customers,
    case when reported.counts_repeat_customers then bases.repeat_customers else bases.customers end
        as expected_customers
from reported
left join bases
    on reported.cutoff_date = bases.cutoff_date
where
    reported.customers
    <> case
        when reported.counts_repeat_customers then bases.repeat_customers else bases.customers
    end
    or bases.cutoff_date is null
