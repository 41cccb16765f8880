with rates as (

    select
        retention_dimension,
        month_end,
        sum(customers) as customers,
        sum(retained_customers) as retained_customers
    from {{ ref('retention_rates') }}
    group by
        retention_dimension,
        month_end

),

everybody as (

    select * from rates
    where retention_dimension = 'all'

),

history as (

    select
        history.month_end,
        count(*) as customers
    from {{ ref('customer_lifecycle_history') }} as history
    inner join {{ ref('dim_lifecycle_stages') }} as stages
        on history.lifecycle_stage = stages.lifecycle_stage
    where
        stages.is_active
        and history.last_purchase_date is not null
    group by history.month_end

)

select
    rates.retention_dimension,
    rates.month_end
from rates
inner join everybody
    on rates.month_end = everybody.month_end
left join history
    on rates.month_end = history.month_end
where
    rates.customers <> everybody.customers
    or rates.retained_customers is distinct from everybody.retained_customers
    or history.customers is distinct from everybody.customers
