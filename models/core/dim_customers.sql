with customers as (

    select * from {{ ref('int_customers_seen') }}

),

profiles as (

    select * from {{ ref('int_customers_versioned') }}
    where is_current

),

orders as (

    select * from {{ ref('fct_orders') }}

),

origins as (

    select * from {{ ref('int_customer_origins') }}

),

order_dates as (

    select
        customer_id,
        min(order_date) as first_order_date,
        max(case when is_valid_order then order_date end) as last_order_date
    from orders
    where
        is_purchase
        and customer_id is not null
    group by customer_id

)

select
    customers.customer_id,
    profiles.customer_id is not null as is_known,
    customers.first_seen_date,
    origins.customer_id is not null as has_prior_history,
    origins.prior_history_source,
    profiles.household_id,
    profiles.registered_date,
    profiles.age_band,
    profiles.gender,
    profiles.income_band,
    profiles.occupation,
    profiles.marital_status,
    profiles.home_ownership,
    profiles.household_size,
    profiles.household_composition,
    profiles.children_count,
    profiles.city,
    profiles.city_tier,
    profiles.region,
    profiles.acquisition_channel_id,
    profiles.preferred_channel_id,
    profiles.referrer_customer_id,
    profiles.has_marketing_consent,
    order_dates.first_order_date,
    order_dates.last_order_date
from customers
left join profiles
    on customers.customer_id = profiles.customer_id
left join order_dates
    on customers.customer_id = order_dates.customer_id
left join origins
    on customers.customer_id = origins.customer_id
