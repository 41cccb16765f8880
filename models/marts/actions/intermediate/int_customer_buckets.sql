{#- By the number alone: a person whose other numbers are linked to it later keeps the bucket. -#}
with customers as (

    select * from {{ ref('dim_customers') }}

)

select
    customer_id,
    cast({{ hash_number("concat('person ', customer_id)", 10000) }} as bigint) as bucket
from customers
