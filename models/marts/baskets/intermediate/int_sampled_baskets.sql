{#- Baskets of the window that pairs are counted in. Above the number that is enough they are whole
    buckets of the hash of their order, so that the same baskets are taken in every run. -#}
with basket_categories as (

    select * from {{ ref('int_basket_categories') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

baskets as (

    select
        basket_categories.order_id,
        {{ hash_bucket('basket_categories.order_id') }} as bucket,
        count(*) as category_count
    from basket_categories
    cross join as_of
    where
        basket_categories.order_date
        >= {{ dbt.dateadd('day', -1 * var('basket_window_days'), 'as_of.as_of_date') }}
    group by
        basket_categories.order_id,
        {{ hash_bucket('basket_categories.order_id') }}
    having count(*) <= {{ var('affinity_max_basket_categories') }}

),

buckets as (

    select
        bucket,
        count(*) as baskets
    from baskets
    group by bucket

),

counted as (

    select
        bucket,
        sum(baskets) over (order by bucket rows between unbounded preceding and current row)
            as running_baskets
    from buckets

)

select
    baskets.order_id,
    cast(row_number() over (order by baskets.order_id) as bigint) as basket_number,
    cast(baskets.category_count as integer) as category_count
from baskets
inner join counted
    on baskets.bucket = counted.bucket
where counted.running_baskets <= {{ var('affinity_max_baskets') }}
