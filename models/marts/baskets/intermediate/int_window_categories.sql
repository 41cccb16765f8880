with basket_categories as (

    select * from {{ ref('int_basket_categories') }}
    where customer_id is not null

),

as_of as (

    select * from {{ ref('as_of') }}

)

select
    basket_categories.customer_id,
    basket_categories.category_number,
    cast(sum(basket_categories.net_revenue) as decimal(18, 2)) as net_revenue
from basket_categories
cross join as_of
where
    basket_categories.order_date
    >= {{ dbt.dateadd('day', -1 * var('basket_window_days'), 'as_of.as_of_date') }}
group by
    basket_categories.customer_id,
    basket_categories.category_number
