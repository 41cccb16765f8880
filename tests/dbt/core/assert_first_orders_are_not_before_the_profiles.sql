-- A day later is the other time zone of the system that keeps the profiles.
{{ config(severity='warn') }}
select
    customers.customer_id,
    customers.first_order_date,
    profiles.first_order_date as profile_first_order_date
from {{ ref('dim_customers') }} as customers
inner join {{ ref('stg_crm__customers') }} as profiles
    on customers.customer_id = profiles.customer_id
where {{ dbt.dateadd('day', 1, 'customers.first_order_date') }} < profiles.first_order_date
