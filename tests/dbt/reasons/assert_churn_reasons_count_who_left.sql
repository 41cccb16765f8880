with of_customers as (

    select
        count(*) as customers,
        sum(revenue_lost) as revenue_lost
    from {{ ref('customer_churn_reasons') }}

),

of_stages as (

    select count(*) as customers
    from {{ ref('customer_lifecycle') }}
    where lifecycle_stage = 'lost'

),

of_periods as (

    select
        period_grain,
        sum(customers) as customers,
        sum(revenue_lost) as revenue_lost
    from {{ ref('churn_reasons') }}
    group by period_grain

)

select
    of_periods.period_grain,
    of_periods.customers,
    of_customers.customers as of_customers
from of_periods
cross join of_customers
cross join of_stages
where
    of_periods.customers <> of_customers.customers
    or of_periods.revenue_lost is distinct from of_customers.revenue_lost
    or of_stages.customers <> of_customers.customers

union all

select
    'none' as period_grain,
    of_stages.customers,
    of_customers.customers as of_customers
from of_stages
cross join of_customers
where of_stages.customers <> of_customers.customers
