{#- A study of all stores of a large chain would tell nothing more. -#}
with sales as (

    select * from {{ ref('int_price_sales') }}

),

stores as (

    select
        store_id,
        count(*) as sold_weeks
    from sales
    group by store_id

),

ranked as (

    select
        store_id,
        row_number() over (order by sold_weeks desc, store_id asc) as store_rank
    from stores

)

select store_id
from ranked
where store_rank <= {{ var('price_max_stores') }}
