with periods as (

    select * from {{ ref('movement_periods') }}
    where
        is_complete
        and recency_rank = 1

),

rows_of_pairs as (

    select * from {{ ref('like_for_like') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where customer_id is not null

),

customer_sides as (

    select
        periods.period_grain,
        periods.comparison,
        periods.period_start,
        orders.customer_id,
        count(case when orders.is_purchase and orders.order_date >= periods.period_start then 1 end)
            as purchases,
        count(case when orders.is_purchase and orders.order_date < periods.period_start then 1 end)
            as base_purchases,
        sum(
            case when orders.order_date >= periods.period_start then orders.net_revenue else 0 end
        ) as net_revenue,
        sum(
            case when orders.order_date < periods.period_start then orders.net_revenue else 0 end
        ) as net_revenue_base
    from periods
    inner join orders
        on
            (
                periods.period_start <= orders.order_date
                and periods.period_last_day >= orders.order_date
            )
            or (
                periods.base_start <= orders.order_date
                and periods.base_last_day >= orders.order_date
            )
    group by
        periods.period_grain,
        periods.comparison,
        periods.period_start,
        orders.customer_id

),

customers as (

    select
        period_grain,
        comparison,
        period_start,
        count(*) as members,
        sum(net_revenue) as net_revenue,
        sum(net_revenue_base) as net_revenue_base
    from customer_sides
    where
        purchases > 0
        and base_purchases > 0
    group by
        period_grain,
        comparison,
        period_start

)

select
    periods.period_grain,
    periods.comparison,
    periods.period_start,
    rows_of_pairs.basis,
    rows_of_pairs.members,
    customers.members as expected_members
from periods
left join rows_of_pairs
    on
        periods.period_grain = rows_of_pairs.period_grain
        and periods.comparison = rows_of_pairs.comparison
        and periods.period_start = rows_of_pairs.period_start
left join customers
    on
        periods.period_grain = customers.period_grain
        and periods.comparison = customers.comparison
        and periods.period_start = customers.period_start
where
    (
        rows_of_pairs.basis = 'customers'
        and (
            rows_of_pairs.members <> coalesce(customers.members, 0)
            or rows_of_pairs.net_revenue <> customers.net_revenue
            or rows_of_pairs.net_revenue_base <> customers.net_revenue_base
        )
    )
    or (
        rows_of_pairs.basis = 'all'
        and (
            rows_of_pairs.net_revenue <> periods.net_revenue
            or rows_of_pairs.net_revenue_base <> periods.net_revenue_base
        )
    )
    or (
        rows_of_pairs.basis is null
        and (periods.net_revenue <> 0 or periods.net_revenue_base <> 0)
    )
