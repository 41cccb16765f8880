with customer_values as (

    select * from {{ ref('customer_value') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

found as (

    select
        coalesce(sum(referred_customers), 0) as referred_customers,
        count(case when referral_value is null then 1 end) as untold_customers,
        count(case when referral_value <> 0 and referred_customers = 0 then 1 end)
            as wrong_customers,
        count(*) as customers
    from customer_values

),

recorded as (

    select count(referrer_customer_id) as referred_customers
    from customers

)

select
    found.*,
    recorded.referred_customers as recorded_referrals
from found
cross join recorded
where
    found.wrong_customers > 0
    or (
        recorded.referred_customers > 0
        and (
            found.untold_customers > 0
            or found.referred_customers > recorded.referred_customers
        )
    )
    or (recorded.referred_customers = 0 and found.untold_customers < found.customers)
