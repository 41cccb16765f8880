{#- Nothing is laid out by customer and day: pairs of an exposure with orders and with other
    exposures of the same customer, by the days between them, say all that a sum of effects needs. -#}
{%- set before = var('incremental_before_days') | int -%}
{%- set carried = var('incremental_carry_over_days') | int -%}
{%- set after = carried + var('incremental_after_days') | int -%}

with exposures as (

    select * from {{ ref('int_incremental_exposures') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and is_identified

),

as_of as (

    select * from {{ ref('as_of') }}

),

drawn_customers as (

    select
        customer_id,
        {{ customer_group('customer_id') }} as customer_group,
        cast({{ dbt.dateadd('day', 1, 'min(order_date)') }} as date) as followed_from,
        row_number() over (order by {{ dbt.hash('customer_id') }}, customer_id) as draw
    from orders
    group by customer_id

),

customers as (

    select
        customer_id,
        customer_group,
        followed_from
    from drawn_customers
    where draw <= {{ var('incremental_max_customers') }}

),

followed_orders as (

    select
        orders.customer_id,
        orders.ordered_at,
        orders.order_date,
        orders.ordered_at = cast(orders.order_date as timestamp) as is_day_only,
        {{ dbt.datediff('cast(orders.order_date as timestamp)', 'orders.ordered_at', 'hour') }}
            as order_hour
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    where orders.order_date >= customers.followed_from

),

followed_exposures as (

    select
        exposures.customer_id,
        customers.customer_group,
        exposures.channel_id,
        exposures.is_campaign,
        exposures.is_repeat,
        exposures.touchpoint_id,
        exposures.touched_at,
        exposures.touch_date,
        {{ dbt.datediff(
            'cast(exposures.touch_date as timestamp)', 'exposures.touched_at', 'hour'
        ) }}
            as touch_hour,
        -- All days that are looked at lie where the customer is followed.
        exposures.touch_date
        >= {{ dbt.dateadd('day', before, 'exposures.followed_from') }}
        and exposures.touch_date
        < {{ dbt.dateadd('day', -1 * (after + 1), 'as_of.as_of_date') }} as is_index
    from exposures
    inner join customers
        on exposures.customer_id = customers.customer_id
    cross join as_of
    where exposures.is_followed

),

index_exposures as (

    select * from followed_exposures
    where is_index

),

-- A day after a contact runs from its hour on. Of a day's orders so many come before that hour.
order_hours as (

    select
        order_hour,
        sum(case when is_day_only then 0 else 1 end) as orders,
        count(*) as all_orders
    from followed_orders
    group by order_hour

),

touch_hours as (

    select distinct touch_hour
    from index_exposures

),

earlier_shares as (

    select
        touch_hours.touch_hour,
        cast(
            sum(
                case
                    when touch_hours.touch_hour = 0 then 0
                    when order_hours.order_hour < touch_hours.touch_hour then order_hours.orders
                    when
                        order_hours.order_hour = touch_hours.touch_hour
                        then order_hours.orders / 2.0e0
                    else 0
                end
            ) as double
        ) / nullif(sum(order_hours.all_orders), 0) as earlier_share
    from touch_hours
    cross join order_hours
    group by touch_hours.touch_hour

),

ordered as (

    select
        index_exposures.customer_group,
        index_exposures.channel_id,
        index_exposures.is_campaign,
        index_exposures.is_repeat,
        case
            when followed_orders.is_day_only
                then
                    {{ dbt.datediff(
                        'index_exposures.touch_date', 'followed_orders.order_date', 'day'
                    ) }}
            else floor(
                {{ dbt.datediff(
                    'index_exposures.touched_at', 'followed_orders.ordered_at', 'second'
                ) }}
                / 86400.0e0
            )
        end as lag_days
    from index_exposures
    inner join followed_orders
        on
            index_exposures.customer_id = followed_orders.customer_id
            and followed_orders.order_date
            >= {{ dbt.dateadd('day', -1 * before, 'index_exposures.touch_date') }}
            and followed_orders.order_date
            <= {{ dbt.dateadd('day', after + 1, 'index_exposures.touch_date') }}

),

paired as (

    select
        index_exposures.channel_id,
        index_exposures.is_campaign,
        index_exposures.is_repeat,
        followed_exposures.channel_id as other_channel_id,
        followed_exposures.is_campaign as other_is_campaign,
        followed_exposures.is_repeat as other_is_repeat,
        {{ dbt.datediff('index_exposures.touched_at', 'followed_exposures.touched_at', 'second') }}
        / 86400.0e0 as days_between
    from index_exposures
    inner join followed_exposures
        on
            index_exposures.customer_id = followed_exposures.customer_id
            and index_exposures.touchpoint_id <> followed_exposures.touchpoint_id
            and followed_exposures.touch_date
            >= {{ dbt.dateadd('day', -1 * (before + carried + 1), 'index_exposures.touch_date') }}
            and followed_exposures.touch_date
            <= {{ dbt.dateadd('day', after + 8, 'index_exposures.touch_date') }}

),

unioned as (

    select
        'lag' as cell,
        customer_group,
        channel_id,
        is_campaign,
        is_repeat,
        cast(null as string) as other_channel_id,
        cast(null as boolean) as other_is_campaign,
        cast(null as boolean) as other_is_repeat,
        lag_days,
        cast(null as date) as cell_date,
        count(*) as orders,
        cast(null as bigint) as exposures,
        cast(null as bigint) as index_exposures,
        cast(null as double) as shifted
    from ordered
    where lag_days between -{{ before }} and {{ after }}
    group by
        customer_group,
        channel_id,
        is_campaign,
        is_repeat,
        lag_days

    union all

    select
        'group' as cell,
        customer_group,
        channel_id,
        is_campaign,
        is_repeat,
        null as other_channel_id,
        null as other_is_campaign,
        null as other_is_repeat,
        null as lag_days,
        null as cell_date,
        null as orders,
        null as exposures,
        count(*) as index_exposures,
        null as shifted
    from index_exposures
    group by
        customer_group,
        channel_id,
        is_campaign,
        is_repeat

    union all

    select
        'pair' as cell,
        null as customer_group,
        channel_id,
        is_campaign,
        is_repeat,
        other_channel_id,
        other_is_campaign,
        other_is_repeat,
        floor(days_between) as lag_days,
        null as cell_date,
        null as orders,
        count(*) as exposures,
        null as index_exposures,
        sum(days_between - floor(days_between)) as shifted
    from paired
    group by
        channel_id,
        is_campaign,
        is_repeat,
        other_channel_id,
        other_is_campaign,
        other_is_repeat,
        floor(days_between)

    union all

    select
        'date' as cell,
        null as customer_group,
        followed_exposures.channel_id,
        followed_exposures.is_campaign,
        followed_exposures.is_repeat,
        null as other_channel_id,
        null as other_is_campaign,
        null as other_is_repeat,
        null as lag_days,
        followed_exposures.touch_date as cell_date,
        null as orders,
        count(*) as exposures,
        sum(case when followed_exposures.is_index then 1 else 0 end) as index_exposures,
        sum(case when followed_exposures.is_index then earlier_shares.earlier_share else 0 end)
            as shifted
    from followed_exposures
    left join earlier_shares
        on followed_exposures.touch_hour = earlier_shares.touch_hour
    group by
        followed_exposures.channel_id,
        followed_exposures.is_campaign,
        followed_exposures.is_repeat,
        followed_exposures.touch_date

    union all

    select
        'orders' as cell,
        null as customer_group,
        null as channel_id,
        null as is_campaign,
        null as is_repeat,
        null as other_channel_id,
        null as other_is_campaign,
        null as other_is_repeat,
        null as lag_days,
        order_date as cell_date,
        count(*) as orders,
        null as exposures,
        null as index_exposures,
        null as shifted
    from followed_orders
    group by order_date

    union all

    select
        'customers' as cell,
        null as customer_group,
        null as channel_id,
        null as is_campaign,
        null as is_repeat,
        null as other_channel_id,
        null as other_is_campaign,
        null as other_is_repeat,
        null as lag_days,
        followed_from as cell_date,
        count(*) as orders,
        null as exposures,
        null as index_exposures,
        null as shifted
    from customers
    group by followed_from

    union all

    -- Of all customers, not only of those who were drawn.
    select
        'all' as cell,
        null as customer_group,
        channel_id,
        is_campaign,
        is_repeat,
        null as other_channel_id,
        null as other_is_campaign,
        null as other_is_repeat,
        null as lag_days,
        case when is_followed then touch_date end as cell_date,
        null as orders,
        count(*) as exposures,
        null as index_exposures,
        null as shifted
    from exposures
    group by
        channel_id,
        is_campaign,
        is_repeat,
        case when is_followed then touch_date end

)

select
    cell,
    cast(customer_group as bigint) as customer_group,
    channel_id,
    is_campaign,
    is_repeat,
    other_channel_id,
    other_is_campaign,
    other_is_repeat,
    cast(lag_days as bigint) as lag_days,
    cell_date,
    cast(orders as bigint) as orders,
    cast(exposures as bigint) as exposures,
    cast(index_exposures as bigint) as index_exposures,
    cast(shifted as double) as shifted
from unioned
