{#- What the customers of a first product or category went on to do. Whoever came in the first days
    of the data, or has a history before it, is left out: what looks like their first order is not.
    Rates count customers whose time is over, so that the newest do not look like they stayed away.
-#}
{%- set repeat_days = var('first_purchase_repeat_days') -%}
{%- set least_customers = var('first_purchase_min_customers') -%}
{%- set levels = ['department', 'category', 'subcategory', 'product'] -%}

with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where not is_return

),

products as (

    select * from {{ ref('dim_products') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

first_sale as (

    select min(order_date) as first_sale_date
    from orders

),

first_orders as (

    select
        orders.customer_id,
        orders.order_id,
        orders.order_date as first_date,
        {{ dbt.dateadd('day', repeat_days, 'orders.order_date') }} <= as_of.as_of_date
            as is_mature,
        {{ dbt.dateadd('day', 365, 'orders.order_date') }} <= as_of.as_of_date as is_year_over
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    cross join first_sale
    cross join as_of
    where
        orders.is_first_order
        and not customers.has_prior_history
        and orders.order_date
        >= {{ dbt.dateadd('day', var('left_censored_days'), 'first_sale.first_sale_date') }}

),

-- Two baskets on one day are one purchase.
outcomes as (

    select
        first_orders.customer_id,
        first_orders.order_id,
        first_orders.is_mature,
        first_orders.is_year_over,
        max(
            case
                when
                    orders.order_date > first_orders.first_date
                    and orders.order_date
                    <= {{ dbt.dateadd('day', repeat_days, 'first_orders.first_date') }}
                    then 1
                else 0
            end
        ) as has_repeated_soon,
        max(case when orders.order_date > first_orders.first_date then 1 else 0 end)
            as has_repeated,
        count(
            case
                when orders.order_date < {{ dbt.dateadd('day', 365, 'first_orders.first_date') }}
                    then 1
            end
        ) as orders_365d,
        sum(
            case
                when orders.order_date < {{ dbt.dateadd('day', 365, 'first_orders.first_date') }}
                    then orders.net_revenue_after_returns
            end
        ) as net_revenue_365d
    from first_orders
    inner join orders
        on first_orders.customer_id = orders.customer_id
    group by
        first_orders.customer_id,
        first_orders.order_id,
        first_orders.is_mature,
        first_orders.is_year_over

),

first_lines as (

    select
        outcomes.customer_id,
        order_lines.product_id as product,
        products.department,
        products.category,
        products.subcategory
    from outcomes
    inner join order_lines
        on outcomes.order_id = order_lines.order_id
    left join products
        on order_lines.product_id = products.product_id

),

entries as (

    select
        'all' as entry_level,
        '(all)' as entry,
        customer_id
    from outcomes

    {% for level in levels %}
        union all

        select distinct
            '{{ level }}' as entry_level,
            {{ level }} as entry,
            customer_id
        from first_lines
        where {{ level }} is not null
    {% endfor %}

),

counted as (

    select
        entries.entry_level,
        entries.entry,
        count(*) as new_customers,
        count(case when outcomes.is_mature then 1 end) as mature_customers,
        sum(case when outcomes.is_mature then outcomes.has_repeated_soon else 0 end)
            as repeated_soon,
        sum(case when outcomes.is_mature then outcomes.has_repeated else 0 end) as repeated_ever,
        count(case when outcomes.is_year_over then 1 end) as year_customers,
        sum(case when outcomes.is_year_over then outcomes.orders_365d end) as orders_365d,
        sum(case when outcomes.is_year_over then outcomes.net_revenue_365d end) as net_revenue_365d
    from entries
    inner join outcomes
        on entries.customer_id = outcomes.customer_id
    group by
        entries.entry_level,
        entries.entry

),

-- Few customers tell nothing: their figures are left out.
told as (

    select
        entry_level,
        entry,
        new_customers,
        mature_customers,
        year_customers,
        case when mature_customers >= {{ least_customers }} then mature_customers end
            as rated_customers,
        case when mature_customers >= {{ least_customers }} then repeated_soon end
            as repeated_soon,
        case when mature_customers >= {{ least_customers }} then repeated_ever end
            as repeated_ever,
        case
            when year_customers >= {{ least_customers }}
                then cast(orders_365d as double) / nullif(year_customers, 0)
        end as orders_365d,
        case
            when year_customers >= {{ least_customers }}
                then cast(net_revenue_365d as double) / nullif(year_customers, 0)
        end as net_revenue_365d
    from counted

),

rates as (

    select
        told.*,
        cast(repeated_soon as double) / nullif(rated_customers, 0) as repeat_rate,
        cast(repeated_ever as double) / nullif(rated_customers, 0) as ever_repeat_rate
    from told

)

select
    rates.entry_level,
    rates.entry,
    coalesce(products.product_name, rates.entry) as entry_name,
    cast(rates.new_customers as bigint) as new_customers,
    cast(rates.mature_customers as bigint) as mature_customers,
    rates.rated_customers is null as is_suppressed,
    cast({{ repeat_days }} as bigint) as repeat_days,
    rates.repeat_rate,
    {{ wilson_bound('rates.repeat_rate', 'rates.rated_customers', '-') }} as repeat_rate_low,
    {{ wilson_bound('rates.repeat_rate', 'rates.rated_customers', '+') }} as repeat_rate_high,
    rates.ever_repeat_rate,
    {{ wilson_bound('rates.ever_repeat_rate', 'rates.rated_customers', '-') }}
        as ever_repeat_rate_low,
    {{ wilson_bound('rates.ever_repeat_rate', 'rates.rated_customers', '+') }}
        as ever_repeat_rate_high,
    cast(rates.year_customers as bigint) as year_customers,
    rates.orders_365d,
    cast(rates.net_revenue_365d as decimal(18, 2)) as net_revenue_365d
from rates
left join products
    on
        case when rates.entry_level = 'product' then rates.entry end = products.product_id
