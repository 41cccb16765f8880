{#- Two baskets on one day are one purchase: the unit of rhythm, lifecycle and scores. -#}
with orders as (

    select * from {{ ref('fct_orders') }}

),

purchase_days as (

    select
        customer_id,
        order_date as purchase_date,
        count(*) as order_count,
        sum(net_revenue) as net_revenue
    from orders
    where
        is_valid_order
        and customer_id is not null
    group by
        customer_id,
        order_date

),

sequenced as (

    select
        customer_id,
        purchase_date,
        order_count,
        net_revenue,
        row_number() over (partition by customer_id order by purchase_date) as purchase_number,
        lag(purchase_date) over (partition by customer_id order by purchase_date)
            as previous_purchase_date,
        lead(purchase_date) over (partition by customer_id order by purchase_date)
            as next_purchase_date
    from purchase_days

)

select
    customer_id,
    purchase_date,
    purchase_date as valid_from,
    cast(null as date) as valid_until,
    cast(order_count as bigint) as order_count,
    cast(net_revenue as decimal(18, 2)) as net_revenue,
    purchase_number,
    previous_purchase_date,
    next_purchase_date,
    {{ dbt.datediff('previous_purchase_date', 'purchase_date', 'day') }} as gap_days
from sequenced
