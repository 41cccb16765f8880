{#- What like customers spend on average in the categories that a customer did not buy in the last
    365 days: the group's average less that of the categories the customer does buy, so that not
    every customer meets every category. -#}
with order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where customer_id is not null

),

products as (

    select * from {{ ref('dim_products') }}

),

reference_groups as (

    select * from {{ ref('int_customer_reference_groups') }}
    where reference_group is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

category_revenue as (

    select
        order_lines.customer_id,
        coalesce(products.category, products.subcategory, products.department) as category,
        sum(order_lines.net_revenue) as net_revenue
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    cross join as_of
    where
        order_lines.order_date >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
        and coalesce(products.category, products.subcategory, products.department) is not null
    group by
        order_lines.customer_id,
        coalesce(products.category, products.subcategory, products.department)
    having sum(order_lines.net_revenue) > 0

),

group_sizes as (

    select
        reference_group,
        count(*) as customers
    from reference_groups
    where net_revenue_365d > 0
    group by reference_group
    having count(*) >= {{ var('potential_min_customers') }}

),

group_categories as (

    select
        reference_groups.reference_group,
        category_revenue.category,
        sum(category_revenue.net_revenue) as net_revenue
    from category_revenue
    inner join reference_groups
        on category_revenue.customer_id = reference_groups.customer_id
    group by
        reference_groups.reference_group,
        category_revenue.category

),

averages as (

    select
        group_categories.reference_group,
        group_categories.category,
        {{ rounded_decimal(
            "cast(group_categories.net_revenue as double) "
            ~ "/ nullif(group_sizes.customers, 0)", 4
        ) }} as average_revenue
    from group_categories
    inner join group_sizes
        on group_categories.reference_group = group_sizes.reference_group

),

group_averages as (

    select
        reference_group,
        sum(average_revenue) as average_revenue
    from averages
    group by reference_group

),

bought as (

    select
        reference_groups.customer_id,
        sum(averages.average_revenue) as average_revenue
    from category_revenue
    inner join reference_groups
        on category_revenue.customer_id = reference_groups.customer_id
    inner join averages
        on
            reference_groups.reference_group = averages.reference_group
            and category_revenue.category = averages.category
    group by reference_groups.customer_id

)

select
    reference_groups.customer_id,
    cast(
        group_averages.average_revenue - coalesce(bought.average_revenue, 0) as decimal(18, 2)
    ) as white_space_value
from reference_groups
inner join group_averages
    on reference_groups.reference_group = group_averages.reference_group
left join bought
    on reference_groups.customer_id = bought.customer_id
