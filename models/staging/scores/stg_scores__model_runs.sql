with source as (

    select * from {{ source('scores', 'model_runs') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(purpose as varchar) as purpose,
    cast(cutoff_date as date) as cutoff_date,
    cast(task as varchar) as task,
    cast(model as varchar) as model,
    cast(status as varchar) as status,
    cast(reason as varchar) as reason,
    cast(customers as bigint) as customers,
    cast(repeat_customers as bigint) as repeat_customers,
    cast(fit_from as date) as fit_from,
    cast(fit_through as date) as fit_through,
    cast(parameters as varchar) as parameters,
    cast(log_likelihood as double) as log_likelihood,
    cast(converged as boolean) as converged,
    cast(annual_discount_rate as double) as annual_discount_rate
from source
