{#- Periods and what each is compared with: the one before, or the one a year ago. A retail month is
    compared with the days 52 weeks before, which is the restated calendar. Both must have been
    observed as a whole, from the first sale to the as-of date; of an incomplete pair the reason is
    told and nothing is compared. Ends are exclusive. -#}
with dates as (

    select * from {{ ref('dim_dates') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

observed as (

    select
        min(orders.order_date) as first_order_date,
        max(as_of.as_of_date) as as_of_date,
        cast({{ dbt.date_trunc('month', 'max(as_of.as_of_date)') }} as date) as month_as_of
    from orders
    cross join as_of

),

calendar_periods as (

    select distinct
        'month' as period_grain,
        month_start_date as period_start,
        cast({{ dbt.dateadd('month', 1, 'month_start_date') }} as date) as period_end
    from dates

    union all

    select distinct
        'quarter' as period_grain,
        quarter_start_date as period_start,
        cast({{ dbt.dateadd('month', 3, 'quarter_start_date') }} as date) as period_end
    from dates

    union all

    select distinct
        'retail_month' as period_grain,
        retail_month_start_date as period_start,
        cast({{ dbt.dateadd('day', 1, 'retail_month_end_date') }} as date) as period_end
    from dates

),

periods as (

    select
        calendar_periods.period_grain,
        calendar_periods.period_start,
        calendar_periods.period_end
    from calendar_periods
    cross join observed
    where
        calendar_periods.period_start < observed.as_of_date
        and calendar_periods.period_end > observed.first_order_date
        and calendar_periods.period_end
        > {{ dbt.dateadd('month', '-' ~ var('movement_months'), 'observed.month_as_of') }}

    union all

    select
        'twelve_months' as period_grain,
        cast({{ dbt.dateadd('month', -12, 'month_as_of') }} as date) as period_start,
        month_as_of as period_end
    from observed
    where first_order_date < month_as_of

),

pairs as (

    select
        period_grain,
        'previous' as comparison,
        period_start,
        period_end,
        cast(
            case
                when period_grain = 'month' then {{ dbt.dateadd('month', -1, 'period_start') }}
                else {{ dbt.dateadd('month', -3, 'period_start') }}
            end as date
        ) as base_start,
        period_start as base_end
    from periods
    where period_grain in ('month', 'quarter')

    union all

    select
        period_grain,
        'year_ago' as comparison,
        period_start,
        period_end,
        cast(
            case
                when period_grain = 'retail_month'
                    then {{ dbt.dateadd('day', -364, 'period_start') }}
                else {{ dbt.dateadd('month', -12, 'period_start') }}
            end as date
        ) as base_start,
        cast(
            case
                when period_grain = 'retail_month' then {{ dbt.dateadd('day', -364, 'period_end') }}
                else {{ dbt.dateadd('month', -12, 'period_end') }}
            end as date
        ) as base_end
    from periods

),

judged as (

    select
        pairs.*,
        case
            when pairs.period_end > observed.as_of_date then 'period_not_over'
            when pairs.base_start < observed.first_order_date then 'base_before_first_sale'
        end as incomplete_reason,
        pairs.period_start
        < {{ dbt.dateadd('day', var('left_censored_days'), 'observed.first_order_date') }}
        and {{ var('left_censored_days') }} > 0 as is_left_censored
    from pairs
    cross join observed

)

select
    row_number() over (order by period_grain, comparison, period_start) as pair_number,
    period_grain,
    comparison,
    period_start,
    period_end,
    base_start,
    base_end,
    incomplete_reason is null as is_complete,
    incomplete_reason,
    is_left_censored,
    case
        when incomplete_reason is null
            then row_number() over (
                partition by period_grain, comparison, incomplete_reason
                order by period_start desc
            )
    end as recency_rank,
    cast(
        {{ dbt.dateadd('day', -1, dbt.date_trunc('month', 'base_start')) }} as date
    ) as segmented_on
from judged
