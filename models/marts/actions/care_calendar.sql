with occasions as (

    select * from {{ ref('int_care_occasions') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

)

select
    occasions.customer_id,
    occasions.as_of_date,
    occasions.care_date,
    occasions.occasion,
    occasions.holiday,
    customers.has_marketing_consent
from occasions
inner join customers
    on occasions.customer_id = customers.customer_id
