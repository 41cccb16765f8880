with source as (

    select * from {{ source('scores', 'model_backtests') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(cutoff_date as date) as cutoff_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(task as varchar) as task,
    cast(model as varchar) as model,
    cast(metric as varchar) as metric,
    cast(value as double) as value,
    cast(customers as bigint) as customers,
    cast(reason as varchar) as reason
from source
