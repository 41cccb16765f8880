with grains as (

    {% for period in period_grains() %}
        select '{{ period.grain }}' as period_grain
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

cohorts as (

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
    grains.period_grain,
    cohorts.net_revenue,
    periods.net_revenue as period_revenue
from grains
left join cohorts
    on grains.period_grain = cohorts.cohort_grain
left join periods
    on grains.period_grain = periods.period_grain
where
    coalesce(cohorts.net_revenue, 0) != coalesce(periods.net_revenue, 0)
    or cohorts.incomplete_cohorts > 0
