with history as (

    select
        month_end,
        lifecycle_stage,
        count(*) as customers
    from {{ ref('customer_lifecycle_history') }}
    group by
        month_end,
        lifecycle_stage

),

arrivals as (

    select
        month_end,
        to_stage as lifecycle_stage,
        sum(customers) as customers
    from {{ ref('lifecycle_transitions') }}
    group by
        month_end,
        to_stage

),

departures as (

    select
        cast({{ dbt.last_day(dbt.dateadd('month', -1, 'month_end'), 'month') }} as date)
            as month_end,
        from_stage as lifecycle_stage,
        sum(customers) as customers
    from {{ ref('lifecycle_transitions') }}
    where from_stage != '(unseen)'
    group by
        month_end,
        from_stage

),

last_month as (

    select max(month_end) as month_end
    from history

)

select
    history.month_end,
    history.lifecycle_stage,
    history.customers,
    arrivals.customers as arrivals,
    departures.customers as departures
from history
cross join last_month
left join arrivals
    on
        history.month_end = arrivals.month_end
        and history.lifecycle_stage = arrivals.lifecycle_stage
left join departures
    on
        history.month_end = departures.month_end
        and history.lifecycle_stage = departures.lifecycle_stage
where
    history.customers != coalesce(arrivals.customers, 0)
    or (
        history.month_end < last_month.month_end
        and history.customers != coalesce(departures.customers, 0)
    )
