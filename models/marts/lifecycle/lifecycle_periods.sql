with customer_periods as (

    select * from {{ ref('int_customer_periods') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

active as (

    select
        period_grain,
        period_number,
        count(*) as active_customers,
        count(case when period_number = first_period and not has_prior_history then 1 end)
            as new_customers,
        count(case when previous_active_period = period_number - 1 then 1 end)
            as returning_customers,
        count(
            case
                when
                    previous_active_period < period_number - 1
                    or (period_number = first_period and has_prior_history)
                    then 1
            end
        ) as resurrected_customers,
        count(case when period_number = first_period and has_prior_history then 1 end)
            as known_before_customers,
        sum(net_revenue) as net_revenue
    from customer_periods
    group by
        period_grain,
        period_number

),

fell_silent as (

    select
        period_grain,
        period_number + 1 as period_number,
        count(*) as dormant_customers
    from customer_periods
    where
        next_active_period is null
        or next_active_period > period_number + 1
    group by
        period_grain,
        period_number

)

select
    periods.period_grain,
    periods.period_start,
    periods.is_complete,
    cast(coalesce(active.active_customers, 0) as bigint) as active_customers,
    cast(coalesce(active.new_customers, 0) as bigint) as new_customers,
    cast(coalesce(active.returning_customers, 0) as bigint) as returning_customers,
    cast(coalesce(active.resurrected_customers, 0) as bigint) as resurrected_customers,
    cast(coalesce(active.known_before_customers, 0) as bigint) as known_before_customers,
    cast(coalesce(fell_silent.dormant_customers, 0) as bigint) as dormant_customers,
    cast(coalesce(active.net_revenue, 0) as decimal(18, 2)) as net_revenue
from periods
left join active
    on
        periods.period_grain = active.period_grain
        and periods.period_number = active.period_number
left join fell_silent
    on
        periods.period_grain = fell_silent.period_grain
        and periods.period_number = fell_silent.period_number
