with entries as (

    select * from {{ ref('first_purchases') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

customers as (

    select * from {{ ref('dim_customers') }}

),

first_days as (

    select
        customer_id,
        min(order_date) as first_date
    from orders
    group by customer_id

),

first_sale as (

    select min(order_date) as first_sale_date
    from orders

),

expected as (

    select count(*) as new_customers
    from first_days
    inner join customers
        on first_days.customer_id = customers.customer_id
    cross join first_sale
    where
        not customers.has_prior_history
        and first_days.first_date
        >= {{ dbt.dateadd('day', var('left_censored_days'), 'first_sale.first_sale_date') }}

),

found as (

    select
        coalesce(max(case when entry_level = 'all' then new_customers end), 0) as new_customers,
        coalesce(max(new_customers), 0) as largest_entry,
        count(
            case
                when
                    mature_customers > new_customers
                    or year_customers > new_customers
                    or repeat_rate > ever_repeat_rate
                    or (repeat_rate is null) <> is_suppressed
                    or (
                        not is_suppressed
                        and mature_customers < {{ var('first_purchase_min_customers') }}
                    )
                    or (
                        orders_365d is not null
                        and year_customers < {{ var('first_purchase_min_customers') }}
                    )
                    then 1
            end
        ) as wrong_entries
    from entries

)

select
    found.*,
    expected.new_customers as expected_new_customers
from found
cross join expected
where
    found.new_customers <> expected.new_customers
    or found.largest_entry > found.new_customers
    or found.wrong_entries > 0
