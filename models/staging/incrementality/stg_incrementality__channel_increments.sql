{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('incrementality', 'channel_increments') }}

)

select
    cast(as_of_date as date) as as_of_date,
    cast(channel_id as string) as channel_id,
    cast(customer_kind as string) as customer_kind,
    cast(touches as bigint) as touches,
    cast(studied_touches as bigint) as studied_touches,
    cast(incremental_orders as double) as incremental_orders,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    cast(incremental_share as double) as incremental_share,
    cast(share_lower as double) as share_lower,
    cast(share_upper as double) as share_upper,
    cast(share_cv as double) as share_cv,
    cast(half_life_days as double) as half_life_days,
    cast(saturation as double) as saturation,
    cast(orders_per_touch as double) as orders_per_touch,
    cast(orders_before as double) as orders_before,
    cast(orders_before_error as double) as orders_before_error,
    cast(status as string) as status,
    cast(reason as string) as reason
from source
