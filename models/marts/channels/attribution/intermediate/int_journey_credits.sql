{{ config(materialized='view') }}
{#- Credits are rounded as running totals and then differenced. So they add up to one, and the money
    to the order's, exactly; and none is negative, as happens when a last touch absorbs the rounding.
    All models are weighed side by side, so that touches are put in order once. -#}
{%- set weights = touch_weights() -%}

with journey_touches as (

    select * from {{ ref('int_journey_touches') }}
    where is_conversion

),

last_visits as (

    select
        order_id,
        max(touched_at) as last_visit_at
    from {{ ref('int_journey_contacts') }}
    where
        is_direct
        and is_conversion
    group by order_id

),

channel_weights as (

    select * from {{ ref('int_channel_weights') }}

),

visited as (

    select
        journey_touches.*,
        {% for attribution_model in studied_attribution_models() %}
            channel_weights.{{ attribution_model }}_share,
        {% endfor %}
        coalesce(last_visits.last_visit_at > journey_touches.touched_at, false) as is_before_visit,
        count(*) over (
            partition by journey_touches.order_id, journey_touches.channel_key
        ) as channel_touches
    from journey_touches
    left join last_visits
        on journey_touches.order_id = last_visits.order_id
    left join channel_weights
        on
            journey_touches.customer_kind = channel_weights.customer_kind
            and journey_touches.channel_key = channel_weights.channel_key

),

weighted as (

    select
        order_id,
        touchpoint_id,
        channel_id,
        touch_position,
        net_revenue,
        contribution,
    {% for attribution_model, weight in weights.items() %}
        cast({{ weight }} as double) as {{ attribution_model }}_weight{{ "," if not loop.last }}
    {% endfor %}
    from visited

),

running as (

    select
        weighted.*,
    {% for attribution_model in weights %}
        sum({{ attribution_model }}_weight) over (
            partition by order_id
            order by touch_position
            rows between unbounded preceding and current row
            ) as {{ attribution_model }}_running,
        sum({{ attribution_model }}_weight) over (partition by order_id)
            as {{ attribution_model }}_total{{ "," if not loop.last }}
    {% endfor %}
    from weighted

),

credited as (

    select
        running.*,
    {% for attribution_model in weights %}
        cast(
            {{ attribution_model }}_running / nullif({{ attribution_model }}_total, 0)
            as decimal(18, 6)
        ) as {{ attribution_model }}_credit{{ "," if not loop.last }}
    {% endfor %}
    from running

),

differenced as (

    select
        credited.*,
    {% for attribution_model in weights %}
        lag({{ attribution_model }}_credit, 1, 0) over (
            partition by order_id
            order by touch_position
            ) as {{ attribution_model }}_previous{{ "," if not loop.last }}
    {% endfor %}
    from credited

),

unpivoted as (

    {% for attribution_model in weights %}
        select
            order_id,
            touchpoint_id,
            '{{ attribution_model }}' as attribution_model,
            channel_id,
            touch_position,
            net_revenue,
            contribution,
            {{ attribution_model }}_credit as running_credit,
            {{ attribution_model }}_previous as previous_credit
        from differenced
        where {{ attribution_model }}_weight > 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    order_id,
    touchpoint_id,
    attribution_model,
    channel_id,
    touch_position,
    cast(running_credit - previous_credit as decimal(18, 6)) as order_credit,
    cast(
        round(running_credit * net_revenue, 2) - round(previous_credit * net_revenue, 2)
        as decimal(18, 2)
    ) as revenue_credit,
    cast(
        round(running_credit * contribution, 2) - round(previous_credit * contribution, 2)
        as decimal(18, 2)
    ) as contribution_credit
from unpivoted
