with tiers as (

    select * from {{ ref('loyalty_tiers') }}

),

accounts as (

    select distinct customer_id
    from {{ ref('stg_loyalty__accounts') }}

)

select tiers.customer_id
from tiers
where
    (tiers.tier_by_rule is null) = (tiers.tier_reason is null)
    or (
        tiers.tier_by_rule is not null
        and (tiers.next_tier is null) = (tiers.next_tier_reason is null)
    )
    or (
        tiers.next_tier is null
        and coalesce(
            cast(tiers.missing_points as double), cast(tiers.missing_spend as double)
        ) is not null
    )
    or tiers.tier_expires_on < tiers.as_of_date
    or tiers.window_start_date > tiers.next_review_on

union all

select accounts.customer_id
from accounts
left join tiers
    on accounts.customer_id = tiers.customer_id
where tiers.customer_id is null
