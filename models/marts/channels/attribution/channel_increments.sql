with increments as (

    select * from {{ ref('stg_incrementality__channel_increments') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

)

select
    increments.channel_id,
    increments.customer_kind,
    channels.channel_name,
    increments.as_of_date,
    increments.touches,
    increments.studied_touches,
    increments.incremental_orders,
    increments.lower as incremental_orders_lower,
    increments.upper as incremental_orders_upper,
    increments.incremental_share,
    increments.share_lower,
    increments.share_upper,
    increments.share_cv,
    increments.orders_per_touch,
    increments.half_life_days,
    increments.saturation,
    increments.orders_before,
    increments.orders_before_error,
    increments.status as increment_status,
    increments.reason as increment_reason
from increments
left join channels
    on increments.channel_id = channels.channel_id
