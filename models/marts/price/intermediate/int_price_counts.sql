{#- What is known of the prices of an item, whether or not an elasticity follows from it: how often
    they changed, and how far they were from the item's mean in the store. A change in all stores at
    once is one change. -#}
with shelf as (

    select * from {{ ref('int_price_shelf') }}

),

panel as (

    select * from {{ ref('int_price_panel') }}
    where level = 'category'

),

products as (

    select * from {{ ref('int_price_products') }}

),

changes as (

    select distinct
        product_id,
        week_start_date,
        {{ rounded_decimal('changed_from_price') }} as changed_from_price,
        {{ rounded_decimal('price') }} as price
    from shelf
    where changed_from_price is not null

),

regular_changes as (

    select distinct
        product_id,
        week_start_date,
        {{ rounded_decimal('changed_from_regular_price') }} as changed_from_regular_price,
        {{ rounded_decimal('regular_price') }} as regular_price
    from shelf
    where changed_from_regular_price is not null

),

counted as (

    select
        product_id,
        count(*) as price_changes,
        0 as regular_price_changes
    from changes
    group by product_id

    union all

    select
        product_id,
        0 as price_changes,
        count(*) as regular_price_changes
    from regular_changes
    group by product_id

),

relative as (

    select
        product_id as item,
        'product' as level,
        round(price / avg(price) over (partition by product_id, store_id), 9) as relative_price
    from shelf

    union all

    select
        item,
        level,
        price as relative_price
    from panel

),

ranges as (

    select
        level,
        item,
        {{ percentile('relative_price', 0.05) }} as low_price,
        {{ percentile('relative_price', 0.95) }} as high_price
    from relative
    group by
        level,
        item

),

of_products as (

    select
        products.product_id,
        products.category,
        products.net_revenue,
        products.category_net_revenue,
        coalesce(sum(counted.price_changes), 0) as price_changes,
        coalesce(sum(counted.regular_price_changes), 0) as regular_price_changes
    from products
    left join counted
        on products.product_id = counted.product_id
    group by
        products.product_id,
        products.category,
        products.net_revenue,
        products.category_net_revenue

),

items as (

    select
        'product' as level,
        category,
        product_id as item,
        net_revenue,
        price_changes,
        regular_price_changes,
        cast(null as double) as index_coverage
    from of_products

    union all

    select
        'category' as level,
        category,
        category as item,
        max(category_net_revenue) as net_revenue,
        sum(price_changes) as price_changes,
        sum(regular_price_changes) as regular_price_changes,
        cast(sum(net_revenue) as double) / cast(max(category_net_revenue) as double)
            as index_coverage
    from of_products
    group by category

)

select
    items.level,
    items.category,
    items.item,
    cast(items.net_revenue as decimal(18, 2)) as net_revenue,
    cast(items.price_changes as bigint) as price_changes,
    cast(items.regular_price_changes as bigint) as regular_price_changes,
    items.index_coverage,
    ranges.low_price - 1 as lowest_change_seen,
    ranges.high_price - 1 as highest_change_seen
from items
left join ranges
    on
        items.level = ranges.level
        and items.item = ranges.item
