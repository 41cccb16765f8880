with order_contacts as (

    select * from {{ ref('int_order_contacts') }}
    where credited_channel_id is not null

)

select
    order_id,
    order_date,
    order_month,
    net_revenue,
    touchpoint_id,
    credited_channel_id as channel_id,
    cast(days_before_order as bigint) as days_before_order,
    cast(
        row_number() over (partition by order_id order by touched_at, touchpoint_id) as bigint
    ) as touch_position,
    cast(count(*) over (partition by order_id) as bigint) as touch_count
from order_contacts
