with reasons as (

    select * from {{ ref('int_lapse_reasons') }}
    where lifecycle_stage = 'lost'

),

experiences as (

    select * from {{ ref('int_window_experiences') }}
    where window_of = 'left'

)

select
    reasons.customer_id,
    reasons.as_of_date,
    reasons.lost_source,
    reasons.departed_on,
    reasons.last_purchase_date,
    reasons.reason_basis,
    reasons.reason_category,
    reasons.sub_reason,
    reasons.reason_source,
    reasons.reason_strength,
    reasons.unknown_reason_because,
    reasons.recorded_on,
    reasons.recorded_category,
    reasons.recorded_reason,
    reasons.experience as strongest_experience,
    reasons.excess_share,
    reasons.excess_share_low,
    cast(experiences.orders as bigint) as orders,
    cast(experiences.late_orders as bigint) as late_orders,
    cast(experiences.returned_orders as bigint) as returned_orders,
    cast(experiences.unresolved_tickets as bigint) as unresolved_tickets,
    cast(
        experiences.complaints_product + experiences.complaints_service
        + experiences.complaints_price + experiences.complaints_competitor as bigint
    ) as complaints,
    cast(
        experiences.low_scores_product + experiences.low_scores_service
        + experiences.low_scores_price as bigint
    ) as low_scores,
    experiences.price_change,
    experiences.delisted_share,
    experiences.competitor_period,
    reasons.revenue_lost
from reasons
left join experiences
    on
        reasons.customer_id = experiences.customer_id
        and reasons.last_purchase_date = experiences.visit_date
