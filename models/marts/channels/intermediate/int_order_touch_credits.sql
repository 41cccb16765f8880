{#- Credits are rounded as running totals and then differenced. So they add up to one, and the
    revenue to the order's, exactly; and none is negative, as happens when a last touch absorbs the
    rounding. -#}
with order_touches as (

    select * from {{ ref('int_order_touches') }}

),

weighted as (

    {% for attribution_model, weight in attribution_weights().items() %}
        select
            order_id,
            order_month,
            net_revenue,
            touchpoint_id,
            channel_id,
            touch_position,
            '{{ attribution_model }}' as attribution_model,
            cast({{ weight }} as double) as weight
        from order_touches
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

running as (

    select
        weighted.*,
        sum(weighted.weight) over (
            partition by weighted.attribution_model, weighted.order_id
            order by weighted.touch_position
            rows between unbounded preceding and current row
        ) as running_weight,
        sum(weighted.weight) over (partition by weighted.attribution_model, weighted.order_id)
            as total_weight
    from weighted

),

credited as (

    select
        running.*,
        cast(running.running_weight / running.total_weight as decimal(18, 6)) as running_credit
    from running

),

differenced as (

    select
        credited.*,
        lag(credited.running_credit, 1, 0) over (
            partition by credited.attribution_model, credited.order_id
            order by credited.touch_position
        ) as previous_credit
    from credited

)

select
    order_id,
    touchpoint_id,
    attribution_model,
    channel_id,
    order_month,
    touch_position,
    cast(running_credit - previous_credit as decimal(18, 6)) as order_credit,
    cast(
        round(running_credit * net_revenue, 2) - round(previous_credit * net_revenue, 2)
        as decimal(18, 2)
    ) as revenue_credit
from differenced
