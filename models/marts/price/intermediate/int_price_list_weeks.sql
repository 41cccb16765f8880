{#- Prices as listed, by the days of a week on which they hold. A price of the store comes before
    that of all stores. -#}
with products as (

    select * from {{ ref('int_price_products') }}
    where price_source = 'price_list'

),

prices as (

    select * from {{ ref('stg_marketing__prices') }}

),

weeks as (

    select distinct week_start_date
    from {{ ref('int_price_sales') }}

),

ended as (

    select
        prices.product_id,
        prices.store_id,
        prices.valid_from,
        prices.valid_to,
        prices.regular_price,
        prices.price,
        lead(prices.valid_from) over (
            partition by prices.product_id, prices.store_id
            order by prices.valid_from
        ) as next_valid_from
    from prices
    inner join products
        on prices.product_id = products.product_id
    where prices.price > 0

),

spans as (

    select
        product_id,
        store_id,
        valid_from,
        regular_price,
        price,
        least(
            coalesce(valid_to, cast('2999-12-31' as date)),
            coalesce(
                cast({{ dbt.dateadd('day', -1, 'next_valid_from') }} as date),
                cast('2999-12-31' as date)
            )
        ) as last_day
    from ended

),

held as (

    select
        spans.product_id,
        spans.store_id,
        weeks.week_start_date,
        cast(spans.price as double) as price,
        cast(greatest(spans.price, spans.regular_price) as double) as regular_price,
        {{ dbt.datediff(
            'greatest(spans.valid_from, weeks.week_start_date)',
            'least(spans.last_day, cast(' ~ dbt.dateadd('day', 6, 'weeks.week_start_date') ~ ' as date))',
            'day'
        ) }} + 1 as days
    from spans
    inner join weeks
        on
            spans.valid_from <= {{ dbt.dateadd('day', 6, 'weeks.week_start_date') }}
            and spans.last_day >= weeks.week_start_date

)

select
    product_id,
    store_id,
    week_start_date,
    sum(price * days) / sum(days) as price,
    sum(regular_price * days)
    / nullif(sum(case when regular_price is not null then days end), 0) as regular_price
from held
group by
    product_id,
    store_id,
    week_start_date
