with customer_values as (

    select * from {{ ref('customer_value') }}
    where score_status = 'scored'

),

churn as (

    select * from {{ ref('customer_churn') }}
    where score_status = 'scored'

),

champions as (

    select * from {{ ref('model_runs') }}
    where is_champion

),

used as (

    select distinct
        as_of_date,
        cast(90 as bigint) as horizon_days,
        'purchases' as task,
        purchase_model as model
    from customer_values

    union all

    select distinct
        as_of_date,
        cast(90 as bigint) as horizon_days,
        'spend' as task,
        spend_model as model
    from customer_values

    union all

    select distinct
        as_of_date,
        churn_horizon_days as horizon_days,
        'churn' as task,
        churn_model as model
    from churn

)

select
    used.as_of_date,
    used.horizon_days,
    used.task,
    used.model,
    champions.model as champion
from used
left join champions
    on
        used.as_of_date = champions.as_of_date
        and used.horizon_days = champions.horizon_days
        and used.task = champions.task
where
    champions.model is null
    or used.model is null
    or used.model <> champions.model
