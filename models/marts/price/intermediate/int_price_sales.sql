{#- What was sold where and when: order lines and sales without baskets, in whole weeks of the
    window. Goods taken back are no demand, and what was given away has no price. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'product'
        and quantity > 0
        and net_revenue > 0
        and product_id is not null
        and store_id is not null

),

sales_weekly as (

    select * from {{ ref('stg_pos__sales_weekly') }}
    where
        units > 0
        and net_revenue > 0

),

orders as (

    select min(order_date) as first_order_date
    from {{ ref('fct_orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

-- A week that is not over, or that began before the data, has too few units and would look dear.
bounds as (

    select
        {{ dbt.dateadd('day', -1 * var('price_window_days'), 'as_of.as_of_date') }}
            as window_start_date,
        orders.first_order_date,
        as_of.as_of_date
    from as_of
    cross join orders

),

sold as (

    select
        product_id,
        store_id,
        cast({{ dbt.date_trunc('week', 'order_date') }} as date) as week_start_date,
        quantity as units,
        net_revenue,
        gross_amount
    from order_lines

    union all

    -- A week may begin on another day: it is that of its middle.
    select
        product_id,
        store_id,
        cast(
            {{ dbt.date_trunc('week', dbt.dateadd('day', 3, 'week_start_date')) }} as date
        ) as week_start_date,
        units,
        net_revenue,
        null as gross_amount
    from sales_weekly

)

select
    sold.product_id,
    sold.store_id,
    sold.week_start_date,
    cast(sum(sold.units) as double) as units,
    sum(sold.net_revenue) as net_revenue,
    cast(sum(sold.net_revenue) as double) / nullif(cast(sum(sold.units) as double), 0) as price,
    cast(sum(sold.gross_amount) as double)
    / nullif(
        cast(sum(case when sold.gross_amount is not null then sold.units end) as double), 0
    ) as regular_price
from sold
cross join bounds
where
    sold.week_start_date >= bounds.window_start_date
    and (bounds.first_order_date is null or sold.week_start_date >= bounds.first_order_date)
    and {{ dbt.dateadd('day', 7, 'sold.week_start_date') }} <= bounds.as_of_date
group by
    sold.product_id,
    sold.store_id,
    sold.week_start_date
