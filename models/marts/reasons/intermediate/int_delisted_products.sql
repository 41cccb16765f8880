{#- Products that are sold no more, with the day of their last sale: bought by enough customers for
    long enough, and silent for far longer than their usual pause between two days with a sale. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and quantity > 0
        and product_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

sold as (

    select
        product_id,
        min(order_date) as first_sold_on,
        max(order_date) as last_sold_on,
        count(distinct order_date) as sale_days,
        count(distinct customer_id) as customers
    from order_lines
    group by product_id

)

select
    sold.product_id,
    sold.last_sold_on
from sold
cross join as_of
where
    sold.customers >= {{ var('churn_reason_delisted_min_customers') }}
    and {{ dbt.datediff('sold.last_sold_on', 'as_of.as_of_date', 'day') }}
    >= {{ var('churn_reason_delisted_days') }}
    and {{ dbt.datediff('sold.last_sold_on', 'as_of.as_of_date', 'day') }}
    >= 10.0 * {{ dbt.datediff('sold.first_sold_on', 'sold.last_sold_on', 'day') }}
    / nullif(sold.sale_days - 1, 0)
