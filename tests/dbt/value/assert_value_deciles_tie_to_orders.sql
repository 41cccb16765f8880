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

order_totals as (

    select
        min(orders.order_date) as first_sale_date,
        count(
            distinct case
                when orders.order_date < {{ dbt.dateadd('day', -1 * var('value_decile_days'), 'as_of.as_of_date') }}
                    and orders.order_date >= {{ dbt.dateadd('day', -2 * var('value_decile_days'), 'as_of.as_of_date') }}
                    then orders.customer_id
            end
        ) as customers,
        coalesce(
            sum(
                case
                    when orders.order_date < {{ dbt.dateadd('day', -1 * var('value_decile_days'), 'as_of.as_of_date') }}
                        and orders.order_date >= {{ dbt.dateadd('day', -2 * var('value_decile_days'), 'as_of.as_of_date') }}
                        then orders.net_revenue_after_returns
                end
            ), 0
        ) as past_revenue,
        max({{ dbt.dateadd('day', -2 * var('value_decile_days'), 'as_of.as_of_date') }})
            as past_start_date
    from orders
    cross join as_of

)

select
    decile_totals.*,
    order_totals.customers as expected_customers,
    order_totals.past_revenue as expected_past_revenue
from decile_totals
cross join order_totals
where
    decile_totals.wrong_deciles > 0
    or (
        order_totals.first_sale_date <= order_totals.past_start_date
        and (
            decile_totals.customers <> order_totals.customers
            or decile_totals.past_revenue <> order_totals.past_revenue
        )
    )
    or (order_totals.first_sale_date > order_totals.past_start_date and decile_totals.deciles > 0)
