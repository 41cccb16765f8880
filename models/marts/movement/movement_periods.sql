with pairs as (

    select * from {{ ref('int_movement_pairs') }}

),

measures as (

    select * from {{ ref('int_movement_measures') }}
    where scope = 'all'

),

totals as (

    select
        pair_number,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_base) as net_revenue_base,
        sum(customers) as customers,
        sum(customers_base) as customers_base
    from measures
    group by pair_number

)

select
    pairs.period_grain,
    pairs.comparison,
    pairs.period_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.period_end') }} as date) as period_last_day,
    pairs.base_start,
    cast({{ dbt.dateadd('day', -1, 'pairs.base_end') }} as date) as base_last_day,
    pairs.is_complete,
    pairs.incomplete_reason,
    pairs.is_left_censored,
    cast(pairs.recency_rank as bigint) as recency_rank,
    cast(
        case when pairs.is_complete then coalesce(totals.net_revenue, 0) end as decimal(18, 2)
    ) as net_revenue,
    cast(
        case when pairs.is_complete then coalesce(totals.net_revenue_base, 0) end as decimal(18, 2)
    ) as net_revenue_base,
    cast(
        case
            when pairs.is_complete
                then coalesce(totals.net_revenue, 0) - coalesce(totals.net_revenue_base, 0)
        end as decimal(18, 2)
    ) as revenue_change,
    case
        when totals.net_revenue_base > 0
            then
                round(
                    cast(totals.net_revenue as double)
                    / cast(totals.net_revenue_base as double) - 1, 9
                )
    end as growth,
    cast(case when pairs.is_complete then coalesce(totals.customers, 0) end as bigint) as customers,
    cast(case when pairs.is_complete then coalesce(totals.customers_base, 0) end as bigint)
        as customers_base
from pairs
left join totals
    on pairs.pair_number = totals.pair_number
