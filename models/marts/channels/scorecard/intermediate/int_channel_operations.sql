{#- How a channel works: how long an order takes and whether it comes in time, how long its
    customers' tickets take, and what the stores that it sells from have in stock. -#}
with orders as (

    select * from {{ ref('fct_orders') }}

),

landed_orders as (

    select * from {{ ref('stg_pos__orders') }}

),

deliveries as (

    select * from {{ ref('delivery_performance') }}

),

tickets as (

    select * from {{ ref('stg_service__tickets') }}
    where handling_seconds is not null

),

channels as (

    select * from {{ ref('dim_channels') }}

),

inventory as (

    select * from {{ ref('stg_pos__inventory') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

processed as (

    select
        coalesce(orders.channel_id, '(unknown)') as channel_id,
        orders.order_month as activity_month,
        count(*) as processed_orders,
        sum(
            {{ dbt.datediff(
                'orders.ordered_at',
                'coalesce(landed_orders.shipped_at, orders.fulfilled_at)',
                'minute'
            ) }}
        ) as processing_minutes
    from orders
    inner join landed_orders
        on orders.order_id = landed_orders.order_id
    where
        orders.order_type = 'sale'
        and orders.order_status not in {{ void_order_statuses() }}
        and coalesce(landed_orders.shipped_at, orders.fulfilled_at) is not null
    group by
        coalesce(orders.channel_id, '(unknown)'),
        orders.order_month

),

delivered as (

    select
        case when channel_id = 'unknown' then '(unknown)' else channel_id end as channel_id,
        order_month as activity_month,
        sum(delivered_count + overdue_count) as due_orders,
        sum(delivered_count - late_by_day_count) as on_time_orders
    from deliveries
    group by
        case when channel_id = 'unknown' then '(unknown)' else channel_id end,
        order_month

),

handled as (

    select
        case
            when channels.channel_type in ('sales', 'marketing') then tickets.channel_id
            else orders.channel_id
        end as channel_id,
        cast({{ dbt.date_trunc('month', 'tickets.opened_at') }} as date) as activity_month,
        count(*) as handled_tickets,
        sum(tickets.handling_seconds) as handling_seconds
    from tickets
    left join channels
        on tickets.channel_id = channels.channel_id
    left join orders
        on tickets.order_id = orders.order_id
    group by
        case
            when channels.channel_type in ('sales', 'marketing') then tickets.channel_id
            else orders.channel_id
        end,
        cast({{ dbt.date_trunc('month', 'tickets.opened_at') }} as date)

),

store_days as (

    select
        store_id,
        inventory_date,
        cast({{ dbt.date_trunc('month', 'inventory_date') }} as date) as activity_month,
        sum(units_on_hand) as units_on_hand,
        case when count(*) = count(stock_value) then sum(stock_value) end as stock_value
    from inventory
    group by
        store_id,
        inventory_date,
        cast({{ dbt.date_trunc('month', 'inventory_date') }} as date)

),

store_days_ranked as (

    select
        store_days.*,
        row_number() over (
            partition by store_id, activity_month order by inventory_date desc
        ) as day_rank
    from store_days

),

selling_stores as (

    select
        coalesce(channel_id, '(unknown)') as channel_id,
        store_id,
        order_month as activity_month
    from orders
    where
        is_purchase
        and store_id is not null
    group by
        coalesce(channel_id, '(unknown)'),
        store_id,
        order_month

),

stocked as (

    select
        selling_stores.channel_id,
        selling_stores.activity_month,
        sum(store_days_ranked.units_on_hand) as units_on_hand,
        case
            when count(*) = count(store_days_ranked.stock_value)
                then sum(store_days_ranked.stock_value)
        end as stock_value
    from selling_stores
    inner join store_days_ranked
        on
            selling_stores.store_id = store_days_ranked.store_id
            and selling_stores.activity_month = store_days_ranked.activity_month
            and store_days_ranked.day_rank = 1
    group by
        selling_stores.channel_id,
        selling_stores.activity_month

),

keys as (

    select
        channel_id,
        activity_month
    from processed

    union

    select
        channel_id,
        activity_month
    from delivered

    union

    select
        channel_id,
        activity_month
    from handled

    union

    select
        channel_id,
        activity_month
    from stocked

),

summed as (

    select
        periods.period_grain,
        periods.period_start,
        keys.channel_id,
        sum(processed.processed_orders) as processed_orders,
        sum(processed.processing_minutes) as processing_minutes,
        sum(delivered.due_orders) as due_orders,
        sum(delivered.on_time_orders) as on_time_orders,
        sum(handled.handled_tickets) as handled_tickets,
        sum(handled.handling_seconds) as handling_seconds,
        avg(cast(stocked.units_on_hand as double)) as inventory_units,
        avg(cast(stocked.stock_value as double)) as inventory_value
    from keys
    inner join periods
        on keys.activity_month = periods.activity_month
    left join processed
        on
            keys.channel_id = processed.channel_id
            and keys.activity_month = processed.activity_month
    left join delivered
        on
            keys.channel_id = delivered.channel_id
            and keys.activity_month = delivered.activity_month
    left join handled
        on
            keys.channel_id = handled.channel_id
            and keys.activity_month = handled.activity_month
    left join stocked
        on
            keys.channel_id = stocked.channel_id
            and keys.activity_month = stocked.activity_month
    where keys.channel_id is not null
    group by
        periods.period_grain,
        periods.period_start,
        keys.channel_id

)

select
    period_grain,
    period_start,
    channel_id,
    round(processing_minutes / 60.0e0 / cast(nullif(processed_orders, 0) as double), 6)
        as processing_hours,
    cast(due_orders as bigint) as promised_orders,
    round(on_time_orders / cast(nullif(due_orders, 0) as double), 9) as on_time_share,
    cast(handled_tickets as bigint) as handled_tickets,
    round(handling_seconds / 60.0e0 / cast(nullif(handled_tickets, 0) as double), 6)
        as handling_minutes,
    round(inventory_units, 3) as inventory_units,
    cast(inventory_value as decimal(18, 2)) as inventory_value
from summed
