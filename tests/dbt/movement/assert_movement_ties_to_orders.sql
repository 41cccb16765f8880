with periods as (

    select * from {{ ref('movement_periods') }}
    where is_complete

),

orders as (

    select * from {{ ref('fct_orders') }}

),

months as (

    select * from {{ ref('monthly_revenue') }}

),

tree as (

    select * from {{ ref('revenue_tree') }}
    where
        scope = 'all'
        and period_grain = 'month'

),

newest as (

    select max(order_month) as order_month
    from months
    where is_complete

),

order_days as (

    select
        order_date,
        sum(net_revenue) as net_revenue
    from orders
    group by order_date

),

recounted as (

    select
        periods.period_grain,
        periods.comparison,
        periods.period_start,
        max(periods.net_revenue) as net_revenue,
        max(periods.net_revenue_base) as net_revenue_base,
        coalesce(sum(
            case
                when
                    order_days.order_date between periods.period_start and periods.period_last_day
                    then order_days.net_revenue
            end
        ), 0) as expected_net_revenue,
        coalesce(sum(
            case
                when order_days.order_date between periods.base_start and periods.base_last_day
                    then order_days.net_revenue
            end
        ), 0) as expected_net_revenue_base
    from periods
    cross join order_days
    group by
        periods.period_grain,
        periods.comparison,
        periods.period_start

),

branches as (

    select
        period_start as order_month,
        sum(case when branch = 'identified' then branch_revenue else 0 end) as identified_revenue,
        sum(case when branch = 'anonymous' then branch_revenue else 0 end) as anonymous_revenue,
        sum(case when branch = 'given_back' then branch_revenue else 0 end) as given_back_revenue
    from tree
    where
        comparison = 'previous'
        and driver in ('customers', 'orders', 'given_back')
    group by period_start

)

select
    period_grain,
    comparison,
    period_start,
    net_revenue,
    expected_net_revenue
from recounted
where
    net_revenue <> expected_net_revenue
    or net_revenue_base <> expected_net_revenue_base

union all

select
    'branches' as period_grain,
    'month' as comparison,
    branches.order_month as period_start,
    branches.identified_revenue as net_revenue,
    months.first_time_revenue + months.returning_revenue as expected_net_revenue
from branches
inner join months
    on branches.order_month = months.order_month
where
    branches.identified_revenue <> months.first_time_revenue + months.returning_revenue
    or branches.anonymous_revenue <> months.anonymous_revenue
    or branches.given_back_revenue <> months.given_back_revenue

union all

-- The newest whole month is compared with the one before, if that was whole as well.
select
    'missing' as period_grain,
    'previous' as comparison,
    newest.order_month as period_start,
    cast(null as decimal(18, 2)) as net_revenue,
    months.net_revenue as expected_net_revenue
from newest
inner join months
    on newest.order_month = months.order_month
inner join months as month_before
    on
        month_before.is_complete
        and newest.order_month = {{ dbt.dateadd('month', 1, 'month_before.order_month') }}
left join periods
    on
        newest.order_month = periods.period_start
        and periods.period_grain = 'month'
        and periods.comparison = 'previous'
where periods.period_start is null
