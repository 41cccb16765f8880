with months as (

    select * from {{ ref('loyalty_points') }}

),

customers as (

    select
        sum(balance_points) as balance_points,
        sum(owed_points) as owed_points,
        sum(pending_points) as pending_points,
        sum(never_earned_points) as never_earned_points
    from {{ ref('customer_points') }}

),

compared as (

    select
        *,
        coalesce(lag(outstanding_points) over (order by month_start), 0) as outstanding_before,
        lag(deferred_revenue) over (order by month_start) as deferred_before,
        row_number() over (order by month_start desc) as recency_rank,
        sum(never_earned_points) over () as never_earned_in_all
    from months

)

select
    compared.month_start,
    compared.balance_points,
    customers.balance_points as balance_of_customers
from compared
cross join customers
where
    compared.outstanding_points
    <> compared.outstanding_before + compared.opening_points + compared.earned_points
    + compared.adjusted_points + compared.restored_points - compared.spent_points
    - compared.expired_points - compared.reversed_points
    or compared.outstanding_points < 0
    or compared.pending_points < 0
    or compared.owed_points < 0
    or compared.deferred_revenue < 0
    or abs(
        compared.liability_cost
        - compared.outstanding_points * compared.ultimate_redemption_rate * compared.cost_per_point
    ) > 0.01
    or compared.deferred_revenue
    <> compared.deferred_before + compared.revenue_deferred - compared.revenue_released
    or (
        compared.recency_rank = 1
        and (
            compared.balance_points <> customers.balance_points
            or compared.owed_points <> customers.owed_points
            or compared.pending_points <> customers.pending_points
            or compared.never_earned_in_all <> customers.never_earned_points
        )
    )
