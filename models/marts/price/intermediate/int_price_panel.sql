{{ config(contract={'enforced': true}) }}
{#- What elasticities are estimated from, on two levels: products against others of their category
    in the store and week, and the volume of all products of a category against its price index.

    A store-week in which nothing of a category sold, or in which one product of it was on sale,
    says nothing of choice. The index weighs changes against the product's own mean in the store, so
    that a product that comes or goes does not move it. -#}
with shelf as (

    select * from {{ ref('int_price_shelf') }}

),

sales as (

    select * from {{ ref('int_price_sales') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

studied as (

    select * from {{ ref('int_price_products') }}

),

compared as (

    select
        *,
        sum(units) over (partition by category, store_id, week_start_date) as compared_units,
        count(*) over (partition by category, store_id, week_start_date) as compared_products
    from shelf

),

category_sales as (

    select
        products.category,
        sales.store_id,
        sales.week_start_date,
        sum(sales.units) as units
    from sales
    inner join products
        on sales.product_id = products.product_id
    where products.category is not null
    group by
        products.category,
        sales.store_id,
        sales.week_start_date

),

-- An index of a few products of many says little of what the category costs.
covered as (

    select category
    from studied
    group by category
    having sum(net_revenue) >= {{ var('price_index_min_coverage') }} * max(category_net_revenue)

),

weighted as (

    select
        shelf.category,
        shelf.store_id,
        shelf.week_start_date,
        cast(studied.net_revenue as double) as weight,
        case when shelf.is_display then 1 else 0 end as is_display,
        case when shelf.is_mailer then 1 else 0 end as is_mailer,
        case when shelf.was_reduced then 1 else 0 end as was_reduced,
        ln(shelf.price) - avg(ln(shelf.price)) over pair as price_change,
        ln(shelf.regular_price) - avg(ln(shelf.regular_price)) over pair as regular_price_change
    from shelf
    inner join studied
        on shelf.product_id = studied.product_id
    inner join covered
        on shelf.category = covered.category
    window pair as (partition by shelf.product_id, shelf.store_id)

),

indexed as (

    select
        category,
        store_id,
        week_start_date,
        exp(sum(weight * price_change) / nullif(sum(weight), 0)) as price,
        exp(
            sum(weight * regular_price_change)
            / nullif(sum(case when regular_price_change is not null then weight end), 0)
        ) as regular_price,
        sum(weight * is_display) / nullif(sum(weight), 0) as display_share,
        sum(weight * is_mailer) / nullif(sum(weight), 0) as mailer_share,
        sum(weight * was_reduced) / nullif(sum(weight), 0) as after_promotion_share
    from weighted
    group by
        category,
        store_id,
        week_start_date

)

-- Sums of floating point numbers differ in their last digits from run to run.
select
    'product' as level,
    compared.category,
    compared.product_id as item,
    compared.store_id,
    compared.week_start_date,
    compared.units,
    category_sales.units as category_units,
    round(compared.price, 9) as price,
    round(compared.regular_price, 9) as regular_price,
    cast(case when compared.is_display then 1 else 0 end as double) as display_share,
    cast(case when compared.is_mailer then 1 else 0 end as double) as mailer_share,
    cast(case when compared.was_reduced then 1 else 0 end as double) as after_promotion_share
from compared
inner join category_sales
    on
        compared.category = category_sales.category
        and compared.store_id = category_sales.store_id
        and compared.week_start_date = category_sales.week_start_date
where
    compared.compared_units > 0
    and compared.compared_products > 1

union all

select
    'category' as level,
    indexed.category,
    indexed.category as item,
    indexed.store_id,
    indexed.week_start_date,
    coalesce(category_sales.units, 0) as units,
    coalesce(category_sales.units, 0) as category_units,
    round(indexed.price, 9) as price,
    round(indexed.regular_price, 9) as regular_price,
    round(cast(indexed.display_share as double), 9) as display_share,
    round(cast(indexed.mailer_share as double), 9) as mailer_share,
    round(cast(indexed.after_promotion_share as double), 9) as after_promotion_share
from indexed
left join category_sales
    on
        indexed.category = category_sales.category
        and indexed.store_id = category_sales.store_id
        and indexed.week_start_date = category_sales.week_start_date
