with experiences as (

    select * from {{ ref('int_leaving_experiences') }}

)

select
    experience,
    as_of_date,
    reason_category,
    sub_reason,
    left_customers,
    left_with,
    left_rate,
    stayed_visits,
    stayed_with,
    stayed_rate,
    expected_rate,
    experience_ratio,
    experience_ratio_low,
    experience_ratio_high,
    excess_share,
    excess_share_low,
    experience_finding
from experiences
