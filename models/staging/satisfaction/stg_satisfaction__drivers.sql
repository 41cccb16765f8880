{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('satisfaction', 'drivers') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(dimension as string) as dimension,
    cast(sheets as bigint) as sheets,
    cast(asked_share as double) as asked_share,
    cast(mean_score as double) as mean_score,
    cast(r2_all as double) as r2_all,
    cast(r2_share as double) as r2_share,
    cast(r2_share_low as double) as r2_share_low,
    cast(r2_share_high as double) as r2_share_high,
    cast(vif as double) as vif,
    cast(importance_rank as bigint) as importance_rank,
    cast(importance_reason as string) as importance_reason,
    cast(retention_sheets as bigint) as retention_sheets,
    cast(refused_sheets as bigint) as refused_sheets,
    cast(returned_share as double) as returned_share,
    cast(retention_effect as double) as retention_effect,
    cast(retention_effect_low as double) as retention_effect_low,
    cast(retention_effect_high as double) as retention_effect_high,
    cast(retention_rank as bigint) as retention_rank,
    cast(retention_reason as string) as retention_reason
from source
