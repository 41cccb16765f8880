{#- Stores that sold something but have no master data keep their row, marked as not known. -#}
with stores as (

    select * from {{ ref('stg_pos__stores') }}

),

orders as (

    select * from {{ ref('stg_pos__orders') }}

),

store_ids as (

    select store_id from stores

    union distinct

    select store_id from orders
    where store_id is not null

)

select
    store_ids.store_id,
    stores.store_id is not null as is_known,
    stores.store_name,
    stores.store_format,
    stores.city,
    stores.city_tier,
    stores.region,
    stores.time_zone,
    stores.opened_on,
    stores.closed_on,
    stores.sales_area_sqm
from store_ids
left join stores
    on store_ids.store_id = stores.store_id
