{#- The products whose prices are studied: of those sold in enough store-weeks the ones sold in
    most. -#}
with sales as (

    select * from {{ ref('int_price_sales') }}

),

stores as (

    select * from {{ ref('int_price_stores') }}

),

products as (

    select * from {{ ref('dim_products') }}
    where category is not null

),

prices as (

    select distinct product_id
    from {{ ref('stg_marketing__prices') }}

),

-- A store in which a product sold in few weeks tells little of it and makes the panel long.
pairs as (

    select
        sales.product_id,
        sales.store_id,
        min(sales.week_start_date) as first_week,
        max(sales.week_start_date) as last_week,
        count(*) as sold_weeks,
        sum(sales.net_revenue) as net_revenue
    from sales
    inner join stores
        on sales.store_id = stores.store_id
    group by
        sales.product_id,
        sales.store_id

),

sold as (

    select
        product_id,
        sum(sold_weeks) as sold_store_weeks,
        sum({{ dbt.datediff('first_week', 'last_week', 'day') }} / 7 + 1) as store_weeks,
        sum(net_revenue) as net_revenue
    from pairs
    where sold_weeks >= {{ var('price_min_weeks_in_store') }}
    group by product_id

),

category_totals as (

    select
        products.category,
        sum(sales.net_revenue) as net_revenue
    from sales
    inner join products
        on sales.product_id = products.product_id
    group by products.category

),

ranked as (

    select
        sold.product_id,
        products.category,
        sold.sold_store_weeks,
        sold.store_weeks,
        sold.net_revenue,
        row_number() over (order by sold.sold_store_weeks desc, sold.product_id asc)
            as product_rank
    from sold
    inner join products
        on sold.product_id = products.product_id
    where sold.sold_store_weeks >= {{ var('price_min_store_weeks') }}

)

select
    ranked.product_id,
    ranked.category,
    cast(ranked.sold_store_weeks as bigint) as sold_store_weeks,
    cast(ranked.net_revenue as decimal(18, 2)) as net_revenue,
    cast(category_totals.net_revenue as decimal(18, 2)) as category_net_revenue,
    case
        when prices.product_id is not null then 'price_list'
        when
            ranked.sold_store_weeks >= {{ var('price_min_store_density') }} * ranked.store_weeks
            then 'store_sales'
        else 'chain_sales'
    end as price_source
from ranked
inner join category_totals
    on ranked.category = category_totals.category
left join prices
    on ranked.product_id = prices.product_id
where ranked.product_rank <= {{ var('price_max_products') }}
