{#- Two periods of the same length up to the as-of date. Without sales that reach back to the first
    day of the earlier one, who came in it is not known and nothing is said. -#}
{%- set days = var('value_decile_days') -%}

with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

periods as (

    select
        cast({{ dbt.dateadd('day', -2 * days, 'as_of_date') }} as date) as past_start_date,
        cast({{ dbt.dateadd('day', -1 * days, 'as_of_date') }} as date) as next_start_date,
        as_of_date
    from as_of

),

first_sale as (

    select min(order_date) as first_sale_date
    from orders

),

customer_revenue as (

    select
        orders.customer_id,
        sum(
            case
                when orders.order_date < periods.next_start_date
                    then orders.net_revenue_after_returns
            end
        ) as past_revenue,
        sum(
            case
                when orders.order_date >= periods.next_start_date
                    then orders.net_revenue_after_returns
            end
        ) as next_revenue
    from orders
    cross join periods
    cross join first_sale
    where
        orders.order_date >= periods.past_start_date
        and orders.order_date < periods.as_of_date
        and first_sale.first_sale_date <= periods.past_start_date
    group by orders.customer_id

),

past_deciles as (

    select
        customer_id,
        past_revenue,
        next_revenue,
        ceil(
            10.0 * row_number() over (order by past_revenue desc, customer_id asc)
            / count(*) over ()
        ) as decile
    from customer_revenue
    where past_revenue is not null

),

next_deciles as (

    select
        customer_id,
        ceil(
            10.0 * row_number() over (order by next_revenue desc, customer_id asc)
            / count(*) over ()
        ) as decile
    from customer_revenue
    where next_revenue is not null

),

counted as (

    select
        past_deciles.decile,
        count(*) as customers,
        count(past_deciles.next_revenue) as retained_customers,
        count(case when next_deciles.decile = past_deciles.decile then 1 end) as stayed_customers,
        count(case when next_deciles.decile < past_deciles.decile then 1 end) as risen_customers,
        count(case when next_deciles.decile > past_deciles.decile then 1 end) as fallen_customers,
        sum(past_deciles.past_revenue) as past_revenue,
        coalesce(sum(past_deciles.next_revenue), 0) as next_revenue
    from past_deciles
    left join next_deciles
        on past_deciles.customer_id = next_deciles.customer_id
    group by past_deciles.decile

),

rates as (

    select
        counted.*,
        cast(retained_customers as double) / nullif(customers, 0) as retention_rate,
        cast(next_revenue as double) / nullif(cast(past_revenue as double), 0)
            as revenue_retention_rate,
        cast(past_revenue as double)
        / nullif(cast(sum(past_revenue) over () as double), 0) as past_revenue_share
    from counted

)

select
    cast(rates.decile as bigint) as decile,
    periods.past_start_date,
    periods.next_start_date,
    periods.as_of_date,
    cast(rates.customers as bigint) as customers,
    cast(rates.retained_customers as bigint) as retained_customers,
    cast(rates.customers - rates.retained_customers as bigint) as left_customers,
    rates.retention_rate,
    {{ wilson_bound('rates.retention_rate', 'rates.customers', '-') }} as retention_rate_low,
    {{ wilson_bound('rates.retention_rate', 'rates.customers', '+') }} as retention_rate_high,
    cast(rates.stayed_customers as bigint) as stayed_customers,
    cast(rates.risen_customers as bigint) as risen_customers,
    cast(rates.fallen_customers as bigint) as fallen_customers,
    cast(rates.past_revenue as decimal(18, 2)) as past_revenue,
    cast(rates.past_revenue_share as double) as past_revenue_share,
    cast(rates.next_revenue as decimal(18, 2)) as next_revenue,
    cast(rates.revenue_retention_rate as double) as revenue_retention_rate
from rates
cross join periods
