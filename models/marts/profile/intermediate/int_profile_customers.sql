{#- What customers are told apart by, as it stands in the profile, and what they bought: in all, and
    within the last `profile_window_days`. -#}
with customers as (

    select * from {{ ref('dim_customers') }}

),

records as (

    select * from {{ ref('int_profile_records') }}

),

unknown_values as (

    {{ texts_without_value() }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_identified

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        customer_id is not null
        and line_type = 'product'
        and not is_return

),

products as (

    select * from {{ ref('dim_products') }}
    where category is not null

),

as_of as (

    select * from {{ ref('as_of') }}

),

windows as (

    select
        {{ dbt.dateadd('day', -1 * var('profile_window_days'), 'as_of_date') }}
            as window_start_date
    from as_of

),

known_categories as (

    select count(*) > 0 as has_categories
    from products

),

customer_orders as (

    select
        orders.customer_id,
        sum(case when orders.is_valid_order then 1 else 0 end) as orders,
        sum(orders.net_revenue) as net_revenue,
        sum(
            case
                when orders.is_valid_order and orders.order_date >= windows.window_start_date then 1
                else 0
            end
        ) as recent_orders,
        sum(
            case
                when orders.order_date >= windows.window_start_date then orders.net_revenue
                else 0
            end
        ) as recent_net_revenue
    from orders
    cross join windows
    group by orders.customer_id

),

bought_categories as (

    select distinct
        order_lines.customer_id,
        products.category
    from order_lines
    cross join windows
    inner join products
        on order_lines.product_id = products.product_id
    where order_lines.order_date >= windows.window_start_date

),

breadths as (

    select
        customer_id,
        count(*) as recent_categories
    from bought_categories
    group by customer_id

)

select
    customers.customer_id,
    customers.is_known,
    case
        when customers.age_band is null or unknown_values.value is not null
            then coalesce(records.age_band_of_birth, customers.age_band)
        else customers.age_band
    end as age_band,
    customers.gender,
    customers.income_band,
    customers.occupation,
    records.education,
    customers.marital_status,
    customers.household_size,
    customers.household_composition,
    customers.children_count,
    customers.home_ownership,
    records.country,
    customers.region,
    customers.city_tier,
    customers.city,
    customers.registered_date,
    case
        when customers.registered_date >= {{ earliest_plausible_date() }}
            then cast(extract(year from customers.registered_date) as {{ dbt.type_string() }})
    end as registration_year,
    customers.acquisition_channel_id,
    customers.preferred_channel_id,
    records.main_sales_channel_id,
    case
        when customers.has_marketing_consent then 'yes'
        when not customers.has_marketing_consent then 'no'
    end as marketing_consent,
    customers.household_id,
    customers.referrer_customer_id,
    {% for attribute in record_only_attributes() if attribute not in ['household_id', 'referrer'] %}
        coalesce(records.is_{{ attribute }}_filled, false) as is_{{ attribute }}_filled,
        coalesce(records.is_{{ attribute }}_valid, false) as is_{{ attribute }}_valid,
    {% endfor %}
    cast(coalesce(customer_orders.orders, 0) as bigint) as orders,
    cast(coalesce(customer_orders.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    coalesce(customer_orders.recent_orders, 0) > 0 as is_active,
    cast(coalesce(customer_orders.recent_orders, 0) as bigint) as recent_orders,
    cast(coalesce(customer_orders.recent_net_revenue, 0) as decimal(18, 2)) as recent_net_revenue,
    case
        when known_categories.has_categories and customer_orders.recent_orders > 0
            then cast(coalesce(breadths.recent_categories, 0) as bigint)
    end as recent_categories
from customers
cross join known_categories
left join records
    on case when customers.is_known then customers.customer_id end = records.customer_id
left join unknown_values
    on lower(trim(customers.age_band)) = unknown_values.value
left join customer_orders
    on customers.customer_id = customer_orders.customer_id
left join breadths
    on customers.customer_id = breadths.customer_id
