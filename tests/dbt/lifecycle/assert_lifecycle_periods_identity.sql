with periods as (

    select
        period_grain,
        period_start,
        active_customers,
        dormant_customers,
        new_customers,
        resurrected_customers,
        coalesce(
            lag(active_customers) over (partition by period_grain order by period_start), 0
        ) as active_before
    from {{ ref('lifecycle_periods') }}

)

select *
from periods
where active_customers != active_before - dormant_customers + new_customers + resurrected_customers
