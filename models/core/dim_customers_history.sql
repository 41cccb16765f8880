with versions as (

    select * from {{ ref('int_customers_versioned') }}

),

customers as (

    select * from {{ ref('int_customers_seen') }}

)

select
    versions.customer_id,
    cast(versions.version_number as bigint) as version_number,
    versions.valid_from,
    versions.valid_to,
    versions.is_current,
    versions.household_id,
    versions.registered_date,
    versions.age_band,
    versions.gender,
    versions.income_band,
    versions.occupation,
    versions.marital_status,
    versions.home_ownership,
    versions.household_size,
    versions.household_composition,
    versions.children_count,
    versions.city,
    versions.city_tier,
    versions.region,
    versions.acquisition_channel_id,
    versions.preferred_channel_id,
    versions.referrer_customer_id,
    versions.has_marketing_consent
from versions
inner join customers
    on versions.customer_id = customers.customer_id
