{#- Orders that were promised for a time or handed over later than bought. By the clock an order is
    late a second after the time it was promised for; by the day, the day after. A promise for a day
    is midnight, and by the clock broken all day long: both are told. -#}
with orders as (

    select * from {{ ref('fct_orders') }}

),

landed_orders as (

    select * from {{ ref('stg_pos__orders') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

promised as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        orders.order_month,
        coalesce(orders.channel_id, 'unknown') as channel_id,
        coalesce(orders.store_id, 'unknown') as store_id,
        orders.ordered_at,
        landed_orders.promised_at,
        orders.fulfilled_at,
        {{ dbt.datediff('landed_orders.promised_at', 'orders.fulfilled_at', 'day') }} as days_late,
        {{ dbt.datediff('orders.ordered_at', 'orders.fulfilled_at', 'hour') }} as delivery_hours,
        cast(landed_orders.promised_at as date) < as_of.as_of_date as is_due
    from orders
    inner join landed_orders
        on orders.order_id = landed_orders.order_id
    cross join as_of
    where
        orders.order_type = 'sale'
        and orders.order_status not in {{ void_order_statuses() }}
        and (landed_orders.promised_at is not null or orders.fulfilled_at is not null)

)

select
    order_id,
    customer_id,
    order_date,
    order_month,
    channel_id,
    store_id,
    promised_at,
    fulfilled_at,
    days_late,
    delivery_hours,
    promised_at is not null as is_promised,
    fulfilled_at is not null as is_delivered,
    coalesce(fulfilled_at > promised_at, false) as is_late_by_clock,
    coalesce(days_late > 0, false) as is_late_by_day,
    promised_at is not null and fulfilled_at is null and is_due as is_overdue,
    case
        when promised_at is null then 'not_promised'
        when fulfilled_at is null and is_due then 'overdue'
        when fulfilled_at is null then 'not_due'
        when days_late >= 8 then 'late_8_days_or_more'
        when days_late >= 4 then 'late_4_to_7_days'
        when days_late >= 1 then 'late_1_to_3_days'
        when fulfilled_at > promised_at then 'late_within_the_day'
        when days_late >= -7 then 'early_0_to_7_days'
        else 'early_8_days_or_more'
    end as delay_band
from promised
