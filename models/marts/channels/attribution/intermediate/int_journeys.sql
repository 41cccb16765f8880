with journey_touches as (

    select * from {{ ref('int_journey_touches') }}

)

select
    journey_id,
    customer_id,
    customer_group,
    order_id,
    customer_kind,
    touch_count,
    is_conversion,
    ended_on,
    order_month,
    net_revenue,
    contribution
from journey_touches
where touch_position = touch_count
