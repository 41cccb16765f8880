{#- Follows net revenue from the landing to every place that reports it. A line is seen when its
    order is, which all of its versions share: lines need not be joined with themselves. -#}
with as_of as (

    select * from {{ ref('as_of') }}

),

landed_lines as (

    select * from {{ source('pos', 'order_lines') }}

),

base_lines as (

    select * from {{ ref('base_pos__order_lines') }}

),

order_lines as (

    select * from {{ ref('stg_pos__order_lines') }}

),

orders as (

    select * from {{ ref('stg_pos__orders') }}

),

visible_orders as (

    select * from {{ ref('int_orders_visible') }}

),

signed_lines as (

    select * from {{ ref('int_order_lines_signed') }}

),

classified_orders as (

    select * from {{ ref('int_orders_classified') }}

),

fct_order_lines as (

    select * from {{ ref('fct_order_lines') }}

),

fct_orders as (

    select * from {{ ref('fct_orders') }}

),

customer_value as (

    select * from {{ ref('customer_value') }}

),

channel_contribution as (

    select * from {{ ref('channel_contribution') }}

),

voided as (

    select
        visible_orders.is_void,
        sum(signed_lines.landed_net_revenue) as landed_net_revenue,
        sum(signed_lines.net_revenue - signed_lines.landed_net_revenue) as turned
    from signed_lines
    inner join visible_orders
        on signed_lines.order_id = visible_orders.order_id
    group by visible_orders.is_void

),

from_landing as (

    select
        10 as step,
        'landing.pos.order_lines' as item,
        'landed' as kind,
        sum(net_revenue) as net_revenue
    from landed_lines

    union all

    select
        case row_outcome when 'duplicate' then 20 when 'superseded' then 25 else 30 end as step,
        case row_outcome
            when 'duplicate' then 'duplicates removed'
            when 'superseded' then 'superseded versions'
            else 'quarantined'
        end as item,
        'deduction' as kind,
        -sum(net_revenue) as net_revenue
    from base_lines
    where row_outcome != 'accepted'
    group by row_outcome

    union all

    select
        40 as step,
        'dated on or after the as-of date' as item,
        'deduction' as kind,
        -sum(base_lines.net_revenue) as net_revenue
    from base_lines
    left join orders
        on base_lines.order_id = orders.order_id
    where
        base_lines.row_outcome = 'accepted'
        and orders.order_id is null

    union all

    -- A replay sees the version of a line that held at the time.
    select
        45 as step,
        'versions of a later day' as item,
        'deduction' as kind,
        sum(order_lines.net_revenue - base_lines.net_revenue) as net_revenue
    from base_lines
    cross join as_of
    inner join order_lines
        on base_lines.order_line_id = order_lines.order_line_id
    where
        base_lines.row_outcome = 'accepted'
        and base_lines.updated_at >= as_of.known_before_date

    union all

    select
        50 as step,
        'cancelled, unavailable and test orders' as item,
        'deduction' as kind,
        -sum(landed_net_revenue) as net_revenue
    from voided
    where is_void

    union all

    select
        52 as step,
        'returns written as positive amounts, turned' as item,
        'deduction' as kind,
        sum(turned) as net_revenue
    from voided
    where not is_void

    union all

    select
        54 as step,
        'sales that came back as a whole, by their state' as item,
        'deduction' as kind,
        -sum(classified_orders.ordered_amount) as net_revenue
    from classified_orders
    inner join visible_orders
        on classified_orders.order_id = visible_orders.order_id
    where
        not visible_orders.is_void
        and not classified_orders.is_revenue

),

expected as (

    select
        60 as step,
        'revenue expected in the marts' as item,
        'expected' as kind,
        sum(net_revenue) as net_revenue
    from from_landing

),

reported as (

    select
        70 as step,
        'fct_order_lines' as item,
        'reported' as kind,
        sum(net_revenue) as net_revenue
    from fct_order_lines

    union all

    select
        71 as step,
        'fct_orders' as item,
        'reported' as kind,
        sum(net_revenue) as net_revenue
    from fct_orders

    union all

    select
        73 as step,
        'customer_value and anonymous orders' as item,
        'reported' as kind,
        sum(net_revenue) as net_revenue
    from (
        select net_revenue from customer_value
        union all
        select net_revenue from fct_orders
        where not is_identified
    ) as customers_and_anonymous

    union all

    select
        72 as step,
        'fct_orders after returns, at the dates of the sales' as item,
        'reported' as kind,
        sum(net_revenue_after_returns) as net_revenue
    from fct_orders

    union all

    select
        74 as step,
        'channel_contribution: ' || attribution_model as item,
        'reported' as kind,
        sum(net_revenue) as net_revenue
    from channel_contribution
    group by attribution_model

),

steps as (

    select * from from_landing

    union all

    select * from expected

    union all

    select * from reported

)

select
    cast(steps.step as bigint) as step,
    steps.item,
    steps.kind,
    cast(coalesce(steps.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    case
        when steps.kind = 'reported'
            then
                cast(
                    coalesce(steps.net_revenue, 0) - coalesce(expected.net_revenue, 0)
                    as decimal(18, 2)
                )
    end as difference
from steps
cross join expected
