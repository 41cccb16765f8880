with reviews as (

    select * from {{ ref('stg_mix__reviews') }}

)

select
    scenario,
    channel_id,
    as_of_date,
    recommended_on,
    action as mix_action,
    outcome as review_outcome,
    round(months_since, 2) as months_since,
    cast(spend_before as decimal(18, 2)) as spend_before,
    cast(recommended_spend as decimal(18, 2)) as recommended_spend,
    cast(actual_spend as decimal(18, 2)) as actual_spend,
    round(followed_share, 4) as followed_share,
    cast(expected_margin as decimal(18, 2)) as expected_margin,
    cast(seen_margin as decimal(18, 2)) as seen_margin,
    round(seen_to_expected, 4) as seen_to_expected
from reviews
