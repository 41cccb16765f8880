with policy_values as (

    select * from {{ ref('stg_actions__policy_values') }}

)

select
    action,
    policy,
    as_of_date,
    value_basis,
    decisions,
    acted_share,
    value,
    value_low,
    value_high,
    ranking_gain,
    ranking_gain_low,
    ranking_gain_high
from policy_values
