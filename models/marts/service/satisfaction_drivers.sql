with drivers as (

    select * from {{ ref('stg_satisfaction__drivers') }}

)

select
    dimension,
    as_of_date,
    cast({{ var('churn_horizon_days') }} as bigint) as horizon_days,
    sheets,
    asked_share,
    mean_score,
    r2_all,
    r2_share,
    r2_share_low,
    r2_share_high,
    vif,
    importance_rank,
    importance_reason,
    retention_sheets,
    refused_sheets,
    returned_share,
    retention_effect,
    retention_effect_low,
    retention_effect_high,
    retention_rank,
    retention_reason
from drivers
