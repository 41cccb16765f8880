with profitability as (

    select * from {{ ref('loyalty_profitability') }}

),

by_basis as (

    select
        tier_basis,
        sum(customers) as customers,
        sum(points_earned) as points_earned,
        sum(points_redeemed) as points_redeemed,
        sum(net_revenue_365d) as net_revenue_365d,
        sum(contribution_365d) as contribution_365d,
        sum(reward_cost_365d) as reward_cost_365d,
        sum(case when contribution_reason is null then 0 else 1 end) as unknown_contributions,
        sum(case when reward_cost_reason is null then 0 else 1 end) as unknown_reward_costs
    from profitability
    where tier <> 'not_a_member'
    group by tier_basis

),

all_members as (

    select * from by_basis
    where tier_basis = 'all'

),

ledger as (

    select
        sum(case when points.entry_type = 'earn' then points.points else 0 end) as points_earned,
        sum(case when points.entry_type = 'redeem' then -points.points else 0 end)
            as points_redeemed
    from {{ ref('stg_loyalty__points') }} as points
    inner join {{ ref('stg_loyalty__accounts') }} as accounts
        on points.account_id = accounts.account_id

)

select by_basis.tier_basis
from by_basis
cross join all_members
where
    by_basis.customers <> all_members.customers
    or by_basis.points_earned <> all_members.points_earned
    or by_basis.net_revenue_365d <> all_members.net_revenue_365d
    or (
        by_basis.unknown_contributions = 0
        and by_basis.contribution_365d <> all_members.contribution_365d
    )
    or (
        by_basis.unknown_reward_costs = 0
        and by_basis.reward_cost_365d <> all_members.reward_cost_365d
    )

union all

select all_members.tier_basis
from all_members
cross join ledger
where
    all_members.points_earned <> coalesce(ledger.points_earned, 0)
    or all_members.points_redeemed <> coalesce(ledger.points_redeemed, 0)
