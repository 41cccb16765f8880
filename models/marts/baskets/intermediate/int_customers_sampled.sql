{#- Customers that categories are compared by and suggestions are tried on: whole buckets of the
    hash of the customer, so that the same are taken in every run. -#}
with basket_categories as (

    select * from {{ ref('int_basket_categories') }}

),

customers as (

    select distinct
        customer_id,
        {{ hash_bucket('customer_id') }} as bucket
    from basket_categories
    where customer_id is not null

),

buckets as (

    select
        bucket,
        count(*) as customers
    from customers
    group by bucket

),

counted as (

    select
        bucket,
        sum(customers) over (order by bucket rows between unbounded preceding and current row)
            as running_customers
    from buckets

)

select customers.customer_id
from customers
inner join counted
    on customers.bucket = counted.bucket
where counted.running_customers <= {{ var('next_category_max_customers') }}
