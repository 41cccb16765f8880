with periods as (

    select * from {{ ref('movement_periods') }}
    where is_complete

),

tree as (

    select * from {{ ref('revenue_tree') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

scopes as (

    select
        period_grain,
        comparison,
        period_start,
        base_start,
        scope,
        scope_value,
        max(scope_revenue) as scope_revenue,
        max(scope_revenue_base) as scope_revenue_base,
        sum(contribution) as contribution
    from tree
    group by
        period_grain,
        comparison,
        period_start,
        base_start,
        scope,
        scope_value

),

-- Sales without a customer, and what was given back without one, are in no segment.
identified_days as (

    select
        order_date,
        sum(net_revenue) as net_revenue
    from orders
    where customer_id is not null
    group by order_date

),

identified as (

    select
        periods.period_grain,
        periods.comparison,
        periods.period_start,
        sum(identified_days.net_revenue) as net_revenue
    from periods
    inner join identified_days
        on
            periods.period_start <= identified_days.order_date
            and periods.period_last_day >= identified_days.order_date
    group by
        periods.period_grain,
        periods.comparison,
        periods.period_start

),

wholes as (

    select
        period_grain,
        comparison,
        period_start,
        scope,
        sum(scope_revenue) as net_revenue
    from scopes
    group by
        period_grain,
        comparison,
        period_start,
        scope

),

branches as (

    select
        period_grain,
        comparison,
        period_start,
        scope,
        scope_value,
        branch,
        max(branch_revenue) as branch_revenue,
        exp(sum(ln(level))) as multiplied
    from tree
    where
        branch <> 'given_back'
        and level > 0
        and branch_revenue > 0
    group by
        period_grain,
        comparison,
        period_start,
        scope,
        scope_value,
        branch
    having count(*) = max(case when branch = 'identified' then 4 else 3 end)

)

select
    'contributions' as what,
    scope,
    scope_value,
    period_start,
    cast(contribution as double) as found,
    cast(scope_revenue - scope_revenue_base as double) as expected
from scopes
where contribution <> scope_revenue - scope_revenue_base

union all

select
    'parts' as what,
    wholes.scope,
    wholes.scope as scope_value,
    wholes.period_start,
    cast(wholes.net_revenue as double) as found,
    cast(periods.net_revenue as double) as expected
from wholes
inner join periods
    on
        wholes.period_grain = periods.period_grain
        and wholes.comparison = periods.comparison
        and wholes.period_start = periods.period_start
left join identified
    on
        wholes.period_grain = identified.period_grain
        and wholes.comparison = identified.comparison
        and wholes.period_start = identified.period_start
where
    wholes.net_revenue
    <> case
        when wholes.scope in ('all', 'store') then periods.net_revenue
        else coalesce(identified.net_revenue, 0)
    end

union all

select
    'factors' as what,
    scope,
    scope_value,
    period_start,
    multiplied as found,
    cast(branch_revenue as double) as expected
from branches
where abs(multiplied - cast(branch_revenue as double)) > 0.00001 * cast(branch_revenue as double)

union all

-- A pair with revenue has a row of the whole.
select
    'missing' as what,
    'all' as scope,
    '(all)' as scope_value,
    periods.period_start,
    cast(null as double) as found,
    cast(periods.revenue_change as double) as expected
from periods
left join wholes
    on
        periods.period_grain = wholes.period_grain
        and periods.comparison = wholes.comparison
        and periods.period_start = wholes.period_start
        and wholes.scope = 'all'
where
    wholes.scope is null
    and (periods.net_revenue <> 0 or periods.net_revenue_base <> 0)
