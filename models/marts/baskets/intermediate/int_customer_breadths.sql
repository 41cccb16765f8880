{#- Whom a customer's breadth is compared with: the tenth of the customers who came about as
    often in the window, equal counts together. -#}
with basket_categories as (

    select * from {{ ref('int_basket_categories') }}
    where customer_id is not null

),

window_categories as (

    select * from {{ ref('int_window_categories') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

orders as (

    select distinct
        basket_categories.customer_id,
        basket_categories.order_id
    from basket_categories
    cross join as_of
    where
        basket_categories.order_date
        >= {{ dbt.dateadd('day', -1 * var('basket_window_days'), 'as_of.as_of_date') }}

),

visits as (

    select
        customer_id,
        count(*) as baskets
    from orders
    group by customer_id

),

breadths as (

    select
        customer_id,
        count(*) as categories
    from window_categories
    group by customer_id

),

lined_up as (

    select
        visits.customer_id,
        visits.baskets,
        breadths.categories,
        rank() over (order by visits.baskets) as position,
        count(*) over () as customers
    from visits
    inner join breadths
        on visits.customer_id = breadths.customer_id

)

select
    customer_id,
    cast(baskets as bigint) as baskets,
    cast(categories as bigint) as categories,
    cast(floor(10.0 * (position - 1) / customers) + 1 as bigint) as reference_group
from lined_up
