with deciles as (

    select * from {{ ref('value_deciles') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

decile_totals as (

    select
        count(*) as deciles,
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(past_revenue), 0) as past_revenue,
        count(
            case
                when
                    retained_customers + left_customers <> customers
                    or stayed_customers + risen_customers + fallen_customers <> retained_customers
                    then 1
            end
        ) as wrong_deciles
    from deciles

),

past_period as (

    select
        {{ dbt.dateadd('day', -2 * var('value_decile_days'), 'as_of_date') }} as start_date,
        {{ dbt.dateadd('day', -1 * var('value_decile_days'), 'as_of_date') }} as end_date
    from as_of

),

past_orders as (

    select
        orders.customer_id,
        orders.net_revenue_after_returns
    from orders
    cross join past_period
    where
        orders.order_date >= past_period.start_date
        and orders.order_date < past_period.end_date

),

order_totals as (

    select
        count(distinct customer_id) as customers,
        coalesce(sum(net_revenue_after_returns), 0) as past_revenue
    from past_orders

),

reach as (

    select coalesce(min(orders.order_date) <= max(past_period.start_date), false) as is_whole
    from orders
    cross join past_period

)

select
    decile_totals.*,
    order_totals.customers as expected_customers,
    order_totals.past_revenue as expected_past_revenue
from decile_totals
cross join order_totals
cross join reach
where
    decile_totals.wrong_deciles > 0
    or (
        reach.is_whole
        and (
            decile_totals.customers <> order_totals.customers
            or decile_totals.past_revenue <> order_totals.past_revenue
        )
    )
    or (not reach.is_whole and decile_totals.deciles > 0)
