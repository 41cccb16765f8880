with wide as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(clv_365d), 0) as clv_365d,
        coalesce(sum(clv_lifetime), 0) as clv_lifetime,
        coalesce(sum(value_at_risk), 0) as value_at_risk
    from {{ ref('customer_360') }}

),

customer_values as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(clv_365d), 0) as clv_365d,
        coalesce(sum(clv_lifetime), 0) as clv_lifetime
    from {{ ref('customer_value') }}

),

churn as (

    select coalesce(sum(value_at_risk), 0) as value_at_risk
    from {{ ref('customer_churn') }}

),

customers as (

    select count(*) as customers
    from {{ ref('dim_customers') }}

)

select
    wide.customers,
    wide.net_revenue,
    wide.clv_365d,
    wide.clv_lifetime,
    wide.value_at_risk
from wide
cross join customer_values
cross join churn
cross join customers
where
    wide.customers <> customers.customers
    or wide.net_revenue <> customer_values.net_revenue
    or wide.clv_365d <> customer_values.clv_365d
    or wide.clv_lifetime <> customer_values.clv_lifetime
    or wide.value_at_risk <> churn.value_at_risk
