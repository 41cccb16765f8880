with periods as (

    select * from {{ ref('movement_periods') }}
    where
        is_complete
        and recency_rank <= {{ var('movement_category_periods') }}

),

categories as (

    select * from {{ ref('category_gain_loss') }}

),

summed as (

    select
        period_grain,
        comparison,
        period_start,
        sum(revenue_change) as revenue_change,
        sum(switched_change) as switched_change,
        sum(switched_in) + sum(switched_out) as switched_balance
    from categories
    group by
        period_grain,
        comparison,
        period_start

)

select
    periods.period_grain,
    periods.comparison,
    periods.period_start,
    periods.revenue_change,
    summed.revenue_change as found_change,
    summed.switched_change,
    summed.switched_balance
from periods
left join summed
    on
        periods.period_grain = summed.period_grain
        and periods.comparison = summed.comparison
        and periods.period_start = summed.period_start
where
    periods.revenue_change <> coalesce(summed.revenue_change, 0)
    or coalesce(summed.switched_change, 0) <> 0
    or coalesce(summed.switched_balance, 0) <> 0
