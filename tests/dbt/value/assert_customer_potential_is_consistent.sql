with potentials as (

    select * from {{ ref('customer_potential') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

)

select
    customers.customer_id,
    potentials.potential_reason,
    potentials.comparable_revenue,
    potentials.reference_revenue,
    potentials.potential_value
from customers
left join potentials
    on customers.customer_id = potentials.customer_id
where
    potentials.customer_id is null
    or (potentials.potential_value is null) <> (potentials.potential_reason is not null)
    or (potentials.reference_group is null) <> (potentials.potential_reason is not null)
    or (customers.first_order_date is null)
    <> coalesce(potentials.potential_reason = 'no_purchase', false)
    or potentials.reference_customers < {{ var('potential_min_customers') }}
    or potentials.potential_value
    <> greatest(potentials.reference_revenue - potentials.comparable_revenue, 0)
    or potentials.potential_contribution > potentials.potential_value
