{#- Every cohort by every age it could have reached. A cell whose period is not over is immature and
    holds nulls; a mature cell in which nobody came holds zero. -#}
with customer_periods as (

    select * from {{ ref('int_customer_periods') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

cohorts as (

    select
        customer_periods.period_grain,
        customer_periods.cohort_period as cohort_number,
        periods.period_start as cohort_start,
        periods.is_left_censored
        or count(case when customer_periods.has_prior_history then 1 end) > 0 as is_left_censored,
        count(*) as cohort_customers
    from customer_periods
    inner join periods
        on
            customer_periods.period_grain = periods.period_grain
            and customer_periods.cohort_period = periods.period_number
    where customer_periods.period_number = customer_periods.first_period
    group by
        customer_periods.period_grain,
        customer_periods.cohort_period,
        periods.period_start,
        periods.is_left_censored

),

activity as (

    select
        period_grain,
        cohort_period as cohort_number,
        period_number,
        count(*) as active_customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue
    from customer_periods
    group by
        period_grain,
        cohort_period,
        period_number

),

cells as (

    select
        cohorts.period_grain as cohort_grain,
        cohorts.cohort_start,
        cohorts.is_left_censored,
        periods.period_number - cohorts.cohort_number as cohort_age,
        periods.is_complete as is_mature,
        cohorts.cohort_customers,
        case when periods.is_complete then coalesce(activity.active_customers, 0) end
            as active_customers,
        case when periods.is_complete then coalesce(activity.orders, 0) end as orders,
        case when periods.is_complete then coalesce(activity.net_revenue, 0) end as net_revenue
    from cohorts
    inner join periods
        on
            cohorts.period_grain = periods.period_grain
            and cohorts.cohort_number <= periods.period_number
    left join activity
        on
            cohorts.period_grain = activity.period_grain
            and cohorts.cohort_number = activity.cohort_number
            and periods.period_number = activity.period_number

),

rates as (

    select
        cells.*,
        cast(active_customers as double) / nullif(cohort_customers, 0) as retention_rate
    from cells

),

-- Over all cohorts of new customers; a left-censored one mixes them with old ones.
pooled as (

    select
        cohort_grain,
        cohort_age,
        sum(cohort_customers) as pooled_customers,
        sum(active_customers) as pooled_active_customers,
        cast(sum(active_customers) as double) / nullif(sum(cohort_customers), 0)
            as pooled_retention_rate
    from cells
    where
        is_mature
        and not is_left_censored
    group by
        cohort_grain,
        cohort_age

)

select
    rates.cohort_grain,
    rates.cohort_start,
    cast(rates.cohort_age as bigint) as cohort_age,
    rates.is_left_censored,
    rates.is_mature,
    cast(rates.cohort_customers as bigint) as cohort_customers,
    cast(rates.active_customers as bigint) as active_customers,
    rates.retention_rate,
    {{ wilson_bound('rates.retention_rate', 'rates.cohort_customers', '-') }}
        as retention_rate_low,
    {{ wilson_bound('rates.retention_rate', 'rates.cohort_customers', '+') }}
        as retention_rate_high,
    cast(rates.orders as bigint) as orders,
    cast(rates.net_revenue as decimal(18, 2)) as net_revenue,
    cast(pooled.pooled_customers as bigint) as pooled_customers,
    cast(pooled.pooled_active_customers as bigint) as pooled_active_customers,
    pooled.pooled_retention_rate,
    {{ wilson_bound('pooled.pooled_retention_rate', 'pooled.pooled_customers', '-') }}
        as pooled_retention_rate_low,
    {{ wilson_bound('pooled.pooled_retention_rate', 'pooled.pooled_customers', '+') }}
        as pooled_retention_rate_high
from rates
left join pooled
    on
        rates.cohort_grain = pooled.cohort_grain
        and rates.cohort_age = pooled.cohort_age
