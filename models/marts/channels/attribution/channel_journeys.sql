{#- A channel that touches several times in a row is one step. What has more steps than are told of,
    or is not among the most frequent, is in one row, so that all orders are here. -#}
{%- set most_paths = var('channel_journeys_paths') -%}
{%- set most_steps = var('channel_journeys_steps') -%}
{%- set told_step = 'case when step <= ' ~ most_steps ~ ' then channel_id end' -%}

with journey_touches as (

    select * from {{ ref('int_journey_touches') }}

),

journeys as (

    select * from {{ ref('int_journeys') }}

),

previous as (

    select
        journey_id,
        channel_id,
        touch_position,
        days_before_end,
        lag(channel_id) over (partition by journey_id order by touch_position)
            as previous_channel_id
    from journey_touches

),

steps as (

    select
        journey_id,
        channel_id,
        touch_position,
        days_before_end,
        row_number() over (partition by journey_id order by touch_position) as step
    from previous
    where
        previous_channel_id is null
        or previous_channel_id <> channel_id

),

paths as (

    select
        journey_id,
        count(*) as steps,
        max(days_before_end) as days,
        {{ dbt.listagg(told_step, "' > '", 'order by touch_position') }} as path
    from steps
    group by journey_id

),

walked as (

    select
        journeys.journey_id,
        journeys.customer_kind,
        journeys.is_conversion,
        journeys.touch_count,
        journeys.net_revenue,
        journeys.contribution,
        paths.days,
        case when paths.steps <= {{ most_steps }} then paths.path else '(longer)' end as path,
        case when paths.steps <= {{ most_steps }} then paths.steps end as steps
    from journeys
    inner join paths
        on journeys.journey_id = paths.journey_id

),

kinds as (

    select
        'all' as customer_kind,
        path,
        steps,
        is_conversion,
        touch_count,
        net_revenue,
        contribution,
        days
    from walked

    union all

    select
        customer_kind,
        path,
        steps,
        is_conversion,
        touch_count,
        net_revenue,
        contribution,
        days
    from walked

),

summed as (

    select
        customer_kind,
        path,
        max(steps) as steps,
        count(*) as journeys,
        count(case when is_conversion then 1 end) as orders,
        sum(touch_count) as touches,
        sum(case when is_conversion then days end) as days_to_order,
        sum(net_revenue) as net_revenue,
        sum(contribution) as contribution
    from kinds
    group by
        customer_kind,
        path

),

ranked as (

    select
        summed.*,
        row_number() over (
            partition by customer_kind
            order by
                case when path = '(longer)' then 1 else 0 end asc,
                orders desc,
                journeys desc,
                path asc
        ) as path_rank
    from summed

),

cut as (

    select
        customer_kind,
        case when path_rank > {{ most_paths }} or path = '(longer)' then '(other)' else path end
            as path,
        steps,
        path_rank,
        journeys,
        orders,
        touches,
        days_to_order,
        net_revenue,
        contribution
    from ranked

),

shown as (

    select
        customer_kind,
        path,
        case when path <> '(other)' then max(steps) end as steps,
        case when path <> '(other)' then min(path_rank) end as path_rank,
        count(*) as paths,
        sum(journeys) as journeys,
        sum(orders) as orders,
        sum(touches) as touches,
        sum(days_to_order) as days_to_order,
        sum(net_revenue) as net_revenue,
        sum(contribution) as contribution
    from cut
    group by
        customer_kind,
        path

),

shares as (

    select
        shown.*,
        orders / cast(nullif(journeys, 0) as double) as conversion_rate,
        sum(orders) over (partition by customer_kind) as kind_orders
    from shown

)

select
    customer_kind,
    path,
    cast(path_rank as bigint) as path_rank,
    cast(steps as bigint) as steps,
    cast(journeys as bigint) as journeys,
    cast(orders as bigint) as orders,
    cast(journeys - orders as bigint) as null_paths,
    round(conversion_rate, 6) as conversion_rate,
    {{ wilson_bound('conversion_rate', 'journeys', '-') }} as conversion_rate_lower,
    {{ wilson_bound('conversion_rate', 'journeys', '+') }} as conversion_rate_upper,
    cast(coalesce(net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(contribution as decimal(18, 2)) as contribution,
    cast(net_revenue / nullif(orders, 0) as decimal(18, 2)) as revenue_per_order,
    round(orders / cast(nullif(kind_orders, 0) as double), 6) as order_share,
    round(touches / cast(journeys as double), 6) as mean_touches,
    round(days_to_order / cast(nullif(orders, 0) as double), 6) as mean_days_to_order
from shares
