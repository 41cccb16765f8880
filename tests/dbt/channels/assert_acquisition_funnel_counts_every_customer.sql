with expected as (

    select
        count(
            case when not has_prior_history and first_seen_date is not null then 1 end
        ) as aware_customers
    from {{ ref('dim_customers') }}

),

bought as (

    select count(distinct orders.customer_id) as first_purchase_customers
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_customers') }} as customers
        on orders.customer_id = customers.customer_id
    where
        orders.is_valid_order
        and not customers.has_prior_history

),

told as (

    select
        coalesce(sum(aware_customers), 0) as aware_customers,
        coalesce(sum(first_purchase_customers), 0) as first_purchase_customers
    from {{ ref('acquisition_funnel') }}

)

select
    expected.aware_customers,
    told.aware_customers as told_aware_customers,
    bought.first_purchase_customers,
    told.first_purchase_customers as told_first_purchase_customers
from expected
cross join bought
cross join told
where
    expected.aware_customers <> told.aware_customers
    or bought.first_purchase_customers <> told.first_purchase_customers
