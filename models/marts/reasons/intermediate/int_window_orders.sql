{#- Orders of each window and what became of them. Late is later than the day that was promised, or
    not delivered though that day has passed. -#}
with windows as (

    select * from {{ ref('int_leaving_windows') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_purchase

),

promises as (

    select
        order_id,
        promised_at
    from {{ ref('stg_pos__orders') }}
    where promised_at is not null

),

competitor_periods as (

    select * from {{ ref('competitor_periods') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

window_orders as (

    select
        windows.customer_id,
        windows.visit_date,
        orders.order_id,
        orders.store_id,
        orders.order_date,
        orders.returned_later_amount,
        promises.promised_at,
        cast(promises.promised_at as date)
        < cast(coalesce(orders.fulfilled_at, as_of.as_of_date) as date) as is_late
    from windows
    inner join orders
        on
            windows.customer_id = orders.customer_id
            and orders.order_date between windows.from_date and windows.visit_date
    left join promises
        on orders.order_id = promises.order_id
    cross join as_of

),

counted as (

    select
        customer_id,
        visit_date,
        count(*) as orders,
        count(promised_at) as promised_orders,
        count(case when is_late then 1 end) as late_orders,
        count(case when returned_later_amount > 0 then 1 end) as returned_orders
    from window_orders
    group by
        customer_id,
        visit_date

),

in_competitor_period as (

    select
        window_orders.customer_id,
        window_orders.visit_date,
        min(competitor_periods.competitor_period) as competitor_period
    from window_orders
    inner join competitor_periods
        on
            window_orders.order_date
            between competitor_periods.from_date and competitor_periods.to_date
            and coalesce(competitor_periods.store_id, window_orders.store_id)
            = window_orders.store_id
    where window_orders.order_date = window_orders.visit_date
    group by
        window_orders.customer_id,
        window_orders.visit_date

)

select
    counted.customer_id,
    counted.visit_date,
    counted.orders,
    counted.promised_orders,
    counted.late_orders,
    counted.returned_orders,
    in_competitor_period.competitor_period
from counted
left join in_competitor_period
    on
        counted.customer_id = in_competitor_period.customer_id
        and counted.visit_date = in_competitor_period.visit_date
