{#- Valid orders of known customers in either window, each with what can be told of it alone. An
    order at midnight sharp has a date and no time. -#}
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

dates as (

    select * from {{ ref('dim_dates') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

snapshots as (

    select
        min(window_start_date) as first_date,
        max(window_start_date) as current_first_date,
        min(snapshot_date) as earlier_until_date
    from {{ ref('int_segment_snapshots') }}

)

select
    orders.order_id,
    orders.customer_id,
    orders.order_date >= snapshots.current_first_date as is_in_current,
    orders.order_date < snapshots.earlier_until_date as is_in_earlier,
    orders.channel_id,
    orders.line_count,
    orders.net_revenue_after_returns as net_revenue,
    dates.is_weekend,
    cast(orders.ordered_at as date) < orders.ordered_at as has_time,
    extract(hour from orders.ordered_at) >= {{ var('segment_evening_from_hour') }} as is_evening,
    channels.is_online
from orders
cross join snapshots
inner join dates
    on orders.order_date = dates.date_day
left join channels
    on orders.channel_id = channels.channel_id
where orders.order_date >= snapshots.first_date
