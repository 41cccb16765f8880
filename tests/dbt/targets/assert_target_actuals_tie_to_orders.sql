with counted as (

    select
        targets.period_grain,
        targets.period_start,
        coalesce(sum(orders.net_revenue), 0) as net_revenue,
        coalesce(sum(case when orders.is_valid_order then 1 else 0 end), 0) as orders,
        count(distinct case when orders.is_valid_order then orders.customer_id end)
            as active_customers
    from {{ ref('kpi_targets') }} as targets
    left join {{ ref('fct_orders') }} as orders
        on orders.order_date between targets.period_start and targets.period_end
    where targets.kpi = 'orders'
    group by
        targets.period_grain,
        targets.period_start

)

select
    targets.kpi,
    targets.period_grain,
    targets.period_start,
    targets.actual,
    counted.net_revenue,
    counted.orders,
    counted.active_customers
from {{ ref('kpi_targets') }} as targets
inner join counted
    on
        targets.period_grain = counted.period_grain
        and targets.period_start = counted.period_start
where
    (
        targets.kpi = 'net_revenue'
        and abs(targets.actual - cast(counted.net_revenue as double)) > 0.001
    )
    or (targets.kpi = 'orders' and abs(targets.actual - counted.orders) > 0.001)
    or (
        targets.kpi = 'active_customers'
        and abs(targets.actual - counted.active_customers) > 0.001
    )

union all

select
    'none' as kpi,
    cast(null as {{ dbt.type_string() }}) as period_grain,
    max(orders.order_date) as period_start,
    cast(null as double) as actual,
    sum(orders.net_revenue) as net_revenue,
    count(*) as orders,
    count(distinct orders.customer_id) as active_customers
from {{ ref('fct_orders') }} as orders
having
    count(*) > 0
    and not exists (select 1 from {{ ref('kpi_targets') }})
