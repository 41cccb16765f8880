{#- What segment a customer is in, one row for each kind of segment. -#}
with customer_values as (

    select * from {{ ref('customer_value') }}

),

segments as (

    select * from {{ ref('customer_segments') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

described as (

    select
        customers.customer_id,
        customers.preferred_channel_id,
        customer_values.clv_365d,
        case when customer_values.value_tier <> 'not_scored' then customer_values.value_tier end
            as value_tier,
        case when segments.behavioural_segment <> 'none' then segments.behavioural_segment end
            as behavioural_segment,
        lifecycle.lifecycle_stage
    from customers
    left join customer_values
        on customers.customer_id = customer_values.customer_id
    left join segments
        on customers.customer_id = segments.customer_id
    left join lifecycle
        on customers.customer_id = lifecycle.customer_id

)

{% for kind in ['value_tier', 'behavioural_segment', 'lifecycle_stage'] %}
    select
        customer_id,
        preferred_channel_id,
        clv_365d,
        '{{ kind }}' as segment_kind,
        {{ kind }} as segment
    from described
    where {{ kind }} is not null
    {{ "union all" if not loop.last }}
{% endfor %}
