with cohorts as (

    select
        cohort_grain,
        sum(net_revenue) as net_revenue,
        sum(
            case
                when
                    cohort_age = 0
                    and active_customers != cohort_customers
                    and not is_left_censored
                    then 1
                else 0
            end
        ) as incomplete_cohorts
    from {{ ref('cohort_retention') }}
    where is_mature
    group by cohort_grain

),

periods as (

    select
        period_grain,
        sum(net_revenue) as net_revenue
    from {{ ref('lifecycle_periods') }}
    where is_complete
    group by period_grain

)

select
    cohorts.cohort_grain,
    cohorts.net_revenue,
    periods.net_revenue as period_revenue
from cohorts
inner join periods
    on cohorts.cohort_grain = periods.period_grain
where
    cohorts.net_revenue != periods.net_revenue
    or cohorts.incomplete_cohorts > 0
