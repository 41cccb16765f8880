with completeness as (

    select * from {{ ref('customer_record_completeness') }}

),

unknown_rows as (

    select
        attribute,
        customers as unknown_customers
    from {{ ref('customer_base_profile') }}
    where value = 'unknown'

)

select
    completeness.attribute,
    completeness.customers,
    completeness.filled_customers,
    completeness.valid_customers,
    unknown_rows.unknown_customers
from completeness
left join unknown_rows
    on completeness.attribute = unknown_rows.attribute
where
    completeness.filled_customers
    <> completeness.valid_customers + completeness.invalid_customers
    or completeness.valid_customers > completeness.filled_customers
    or completeness.filled_customers > completeness.customers
    or completeness.profiles > completeness.customers
    or completeness.dated_customers > completeness.filled_customers
    or unknown_rows.unknown_customers <> completeness.customers - completeness.valid_customers
