{#- A month is that of leaving. Those who left silently are told of only when they have been
    silent for long enough, so that a month is complete when the longest silence has passed
    since its end. -#}
with customers as (

    select * from {{ ref('customer_churn_reasons') }}

),

estimates as (

    select * from {{ ref('int_reason_estimates') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

dated as (

    select
        customers.*,
        cast({{ dbt.date_trunc('month', 'departed_on') }} as date) as departed_month
    from customers

),

in_periods as (

    select
        'month' as period_grain,
        departed_month as period_start,
        reason_category,
        sub_reason,
        reason_basis,
        revenue_lost
    from dated

    union all

    select
        'all' as period_grain,
        min(departed_month) over () as period_start,
        reason_category,
        sub_reason,
        reason_basis,
        revenue_lost
    from dated

),

counted as (

    select
        period_grain,
        period_start,
        reason_category,
        sub_reason,
        reason_basis,
        count(*) as customers,
        sum(revenue_lost) as revenue_lost
    from in_periods
    group by
        period_grain,
        period_start,
        reason_category,
        sub_reason,
        reason_basis

),

summed as (

    select
        counted.*,
        sum(customers) over (partition by period_grain, period_start) as departed_customers,
        sum(case when reason_basis = 'unknown' then customers else 0 end)
            over (partition by period_grain, period_start) as unknown_customers,
        sum(case when reason_basis = 'stated' then customers else 0 end)
            over (partition by period_grain, period_start) as stated_customers,
        sum(customers) over (partition by period_grain, period_start, reason_category)
            as category_customers,
        sum(case when reason_basis = 'stated' then customers else 0 end)
            over (partition by period_grain, period_start, reason_category)
            as category_stated_customers,
        sum(revenue_lost) over (partition by period_grain, period_start) as period_revenue_lost
    from counted

),

shared as (

    select
        summed.*,
        departed_customers - unknown_customers as known_customers,
        cast(customers as double) / departed_customers as share_of_departed,
        case
            when reason_basis <> 'unknown'
                then
                    cast(category_stated_customers as double)
                    / nullif(cast(stated_customers as double), 0)
        end as category_share_of_stated
    from summed

)

select
    shared.period_grain,
    shared.period_start,
    case
        when shared.period_grain = 'month'
            then
                cast({{ dbt.dateadd(
                    'day', var('lifecycle_lost_max_days'),
                    dbt.last_day('shared.period_start', 'month')
                ) }} as date) < as_of.as_of_date
        else false
    end as is_complete,
    shared.reason_category,
    shared.sub_reason,
    shared.reason_basis,
    cast(shared.customers as bigint) as customers,
    cast(shared.departed_customers as bigint) as departed_customers,
    cast(shared.known_customers as bigint) as known_customers,
    cast(shared.stated_customers as bigint) as stated_customers,
    round(shared.share_of_departed, 9) as share_of_departed,
    case
        when shared.reason_basis <> 'unknown'
            then
                round(
                    cast(shared.customers as double)
                    / nullif(cast(shared.known_customers as double), 0), 9
                )
    end as share_of_known,
    cast(shared.category_customers as bigint) as category_customers,
    case
        when shared.reason_basis <> 'unknown'
            then
                round(
                    cast(shared.category_customers as double)
                    / nullif(cast(shared.known_customers as double), 0), 9
                )
    end as category_share_of_known,
    estimates.share_of_known as category_share_of_known_estimated,
    round(shared.category_share_of_stated, 9) as category_share_of_stated,
    case
        when shared.stated_customers > 0
            then
                {{ wilson_bound(
                    'shared.category_share_of_stated',
                    'cast(shared.stated_customers as double)', '-'
                ) }}
    end as category_share_of_stated_low,
    case
        when shared.stated_customers > 0
            then
                {{ wilson_bound(
                    'shared.category_share_of_stated',
                    'cast(shared.stated_customers as double)', '+'
                ) }}
    end as category_share_of_stated_high,
    case
        when shared.reason_basis <> 'unknown'
            then
                round(
                    cast(shared.category_customers as double)
                    / cast(shared.departed_customers as double), 9
                )
    end as category_share_if_none_unknown,
    case
        when shared.reason_basis <> 'unknown'
            then
                round(
                    cast(shared.category_customers + shared.unknown_customers as double)
                    / cast(shared.departed_customers as double), 9
                )
    end as category_share_if_all_unknown,
    estimates.estimated_share as category_share_estimated,
    estimates.estimated_share_low as category_share_estimated_low,
    estimates.estimated_share_high as category_share_estimated_high,
    cast(shared.revenue_lost as decimal(18, 2)) as revenue_lost,
    round(
        cast(shared.revenue_lost as double)
        / nullif(cast(shared.period_revenue_lost as double), 0), 9
    ) as revenue_lost_share
from shared
cross join as_of
left join estimates
    on
        case when shared.period_grain = 'all' then shared.reason_category end
        = estimates.reason_category
