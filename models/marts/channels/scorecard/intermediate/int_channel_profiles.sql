{#- Whether customers of several sales channels buy alike in them: the cosine of what they buy
    by department in the channel and in all others, over the last days. Only of customers with
    several channels. -#}
{%- set days = var('channel_fit_days') -%}
{%- set least = var('channel_profile_min_lines') -%}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and channel_id is not null

),

lines as (

    select * from {{ ref('fct_order_lines') }}
    where not is_return

),

products as (

    select * from {{ ref('dim_products') }}
    where department is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

recent_orders as (

    select
        orders.order_id,
        orders.customer_id,
        orders.channel_id
    from orders
    cross join as_of
    where orders.order_date >= {{ dbt.dateadd('day', -1 * days, 'as_of.as_of_date') }}

),

several as (

    select customer_id
    from recent_orders
    group by customer_id
    having count(distinct channel_id) > 1

),

bought as (

    select
        recent_orders.customer_id,
        recent_orders.channel_id,
        products.department,
        count(*) as lines
    from recent_orders
    inner join several
        on recent_orders.customer_id = several.customer_id
    inner join lines
        on recent_orders.order_id = lines.order_id
    inner join products
        on lines.product_id = products.product_id
    group by
        recent_orders.customer_id,
        recent_orders.channel_id,
        products.department

),

departments as (

    select
        customer_id,
        department,
        sum(lines) as lines
    from bought
    group by
        customer_id,
        department

),

customer_channels as (

    select
        customer_id,
        channel_id
    from bought
    group by
        customer_id,
        channel_id

),

compared as (

    select
        customer_channels.customer_id,
        customer_channels.channel_id,
        coalesce(bought.lines, 0) as lines_here,
        departments.lines - coalesce(bought.lines, 0) as lines_elsewhere
    from customer_channels
    inner join departments
        on customer_channels.customer_id = departments.customer_id
    left join bought
        on
            customer_channels.customer_id = bought.customer_id
            and customer_channels.channel_id = bought.channel_id
            and departments.department = bought.department

),

cosines as (

    select
        customer_id,
        channel_id,
        sum(lines_here * lines_elsewhere)
        / nullif(
            sqrt(sum(lines_here * lines_here)) * sqrt(sum(lines_elsewhere * lines_elsewhere)), 0
        ) as similarity
    from compared
    group by
        customer_id,
        channel_id
    having
        sum(lines_here) >= {{ least }}
        and sum(lines_elsewhere) >= {{ least }}

)

select
    channel_id,
    cast(count(*) as bigint) as compared_customers,
    round(avg(cast(similarity as decimal(18, 9))), 6) as profile_similarity
from cosines
group by channel_id
