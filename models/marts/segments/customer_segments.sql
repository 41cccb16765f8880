with segments as (

    select * from {{ ref('int_customer_segments') }}

)

select
    customer_id,
    as_of_date,
    behavioural_segment,
    behavioural_strength,
    behavioural_reason,
    earlier_behavioural_segment,
    has_moved,
    demographic_segment,
    value_tier,
    benefit_segment,
    loyalty_segment,
    cast(order_count as bigint) as order_count,
    cast(coalesce(net_revenue, 0) as decimal(18, 2)) as net_revenue,
{% for feature in segment_features() -%}
    cast({{ feature }} as double) as {{ feature }}{{ "," if not loop.last }}
{% endfor %}
from segments
