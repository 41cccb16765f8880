{#- Every product in every store and week in which it was on sale there, sold or not. On sale is
    between the first and the last week in which it sold there, these two left out: they are known
    for a sale, and would tell of a demand that is never zero.

    Without a list of prices a week without a sale has no price of its own. Where a product sells
    in nearly all weeks of a store it has the store's last regular price; where it does not, all
    stores have the median of the week, sold or not, so that a price never depends on who bought. -#}
with products as (

    select * from {{ ref('int_price_products') }}

),

stores as (

    select * from {{ ref('int_price_stores') }}

),

sales as (

    select
        all_sales.product_id,
        all_sales.store_id,
        all_sales.week_start_date,
        all_sales.units,
        all_sales.price,
        greatest(all_sales.price, all_sales.regular_price) as regular_price,
        products.category,
        products.price_source
    from {{ ref('int_price_sales') }} as all_sales
    inner join products
        on all_sales.product_id = products.product_id
    inner join stores
        on all_sales.store_id = stores.store_id

),

weeks as (

    select distinct week_start_date
    from sales

),

list_weeks as (

    select * from {{ ref('int_price_list_weeks') }}

),

pairs as (

    select
        product_id,
        store_id,
        category,
        price_source,
        min(week_start_date) as first_week,
        max(week_start_date) as last_week
    from sales
    group by
        product_id,
        store_id,
        category,
        price_source
    having count(*) >= {{ var('price_min_weeks_in_store') }}

),

chain_weeks as (

    select
        product_id,
        week_start_date,
        {{ percentile('price', 0.5) }} as price,
        {{ percentile('regular_price', 0.5) }} as regular_price
    from sales
    where price_source = 'chain_sales'
    group by
        product_id,
        week_start_date
    having count(*) >= {{ var('price_min_stores_a_week') }}

),

on_sale as (

    select
        pairs.product_id,
        pairs.store_id,
        pairs.category,
        pairs.price_source,
        weeks.week_start_date,
        coalesce(sales.units, 0) as units,
        sales.price as sold_price,
        sales.regular_price as sold_regular_price
    from pairs
    inner join weeks
        on
            pairs.first_week < weeks.week_start_date
            and pairs.last_week > weeks.week_start_date
    left join sales
        on
            pairs.product_id = sales.product_id
            and pairs.store_id = sales.store_id
            and weeks.week_start_date = sales.week_start_date

),

-- Weeks since the last one with a price, and since the last one with a regular price.
numbered as (

    select
        *,
        count(sold_price) over (
            partition by product_id, store_id
            order by week_start_date
            rows between unbounded preceding and current row
        ) as price_run,
        count(sold_regular_price) over (
            partition by product_id, store_id
            order by week_start_date
            rows between unbounded preceding and current row
        ) as regular_price_run
    from on_sale

),

carried as (

    select
        *,
        max(sold_regular_price) over (
            partition by product_id, store_id, regular_price_run
        ) as last_regular_price,
        max(sold_price) over (partition by product_id, store_id, price_run) as last_price
    from numbered

),

priced as (

    select
        carried.product_id,
        carried.store_id,
        carried.category,
        carried.price_source,
        carried.week_start_date,
        carried.units,
        case carried.price_source
            when 'price_list' then coalesce(store_list.price, chain_list.price)
            when 'chain_sales' then chain_weeks.price
            else coalesce(carried.sold_price, carried.last_regular_price, carried.last_price)
        end as price,
        case carried.price_source
            when 'price_list'
                then
                    case
                        when store_list.price is not null then store_list.regular_price
                        else chain_list.regular_price
                    end
            when 'chain_sales' then chain_weeks.regular_price
            else carried.last_regular_price
        end as regular_price
    from carried
    left join list_weeks as store_list
        on
            carried.product_id = store_list.product_id
            and carried.store_id = store_list.store_id
            and carried.week_start_date = store_list.week_start_date
    left join list_weeks as chain_list
        on
            carried.product_id = chain_list.product_id
            and carried.week_start_date = chain_list.week_start_date
            and chain_list.store_id is null
    left join chain_weeks
        on
            carried.product_id = chain_weeks.product_id
            and carried.week_start_date = chain_weeks.week_start_date

),

placements as (

    select
        promotions.product_id,
        promotions.store_id,
        promotions.week_start_date,
        max(case when promotions.display_location <> '0' then 1 else 0 end) as is_display,
        max(case when promotions.mailer_location <> '0' then 1 else 0 end) as is_mailer
    from {{ ref('stg_marketing__promotions') }} as promotions
    inner join products
        on promotions.product_id = products.product_id
    group by
        promotions.product_id,
        promotions.store_id,
        promotions.week_start_date

),

described as (

    select
        priced.product_id,
        priced.store_id,
        priced.category,
        priced.price_source,
        priced.week_start_date,
        priced.units,
        priced.price,
        greatest(priced.price, priced.regular_price) as regular_price,
        coalesce(placements.is_display, 0) = 1 as is_display,
        coalesce(placements.is_mailer, 0) = 1 as is_mailer
    from priced
    left join placements
        on
            priced.product_id = placements.product_id
            and priced.store_id = placements.store_id
            and priced.week_start_date = placements.week_start_date
    where priced.price is not null

),

-- Who stocked up last week buys less in this one.
followed as (

    select
        *,
        lag(price) over weeks_of_pair as price_before,
        lag(regular_price) over weeks_of_pair as regular_price_before,
        lag(week_start_date) over weeks_of_pair as week_before
    from described
    window weeks_of_pair as (partition by product_id, store_id order by week_start_date)

)

select
    product_id,
    store_id,
    category,
    price_source,
    week_start_date,
    units,
    price,
    regular_price,
    is_display,
    is_mailer,
    coalesce(
        week_before = {{ dbt.dateadd('day', -7, 'week_start_date') }}
        and price_before < (1 - {{ var('price_change_min_share') }}) * regular_price_before,
        false
    ) as was_reduced,
    case
        when
            abs(price / nullif(price_before, 0) - 1) >= {{ var('price_change_min_share') }}
            then price_before
    end as changed_from_price,
    case
        when
            abs(regular_price / nullif(regular_price_before, 0) - 1)
            >= {{ var('price_change_min_share') }}
            then regular_price_before
    end as changed_from_regular_price
from followed
