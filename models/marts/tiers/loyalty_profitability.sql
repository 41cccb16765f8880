{#- What members bring less what their rewards cost, by tier: as recorded, by rule, and all together
    beside customers who are no members. That members spend more says nothing of the programme: who
    buys much joins. So beside the naive difference stands what joining brought. -#}
{%- set z = 1.6448536269514722 -%}

with members as (

    select * from {{ ref('int_tier_members') }}

),

tiers as (

    select * from {{ ref('loyalty_tiers') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

contributions as (

    select * from {{ ref('customer_contribution') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

points as (

    select * from {{ ref('stg_loyalty__points') }}

),

effects as (

    select * from {{ ref('loyalty_join_effects') }}
    where outcome = 'net_revenue'

),

as_of as (

    select * from {{ ref('as_of') }}

),

ledger as (

    select
        accounts.customer_id,
        sum(case when points.entry_type = 'earn' then points.points else 0 end) as points_earned,
        sum(case when points.entry_type = 'redeem' then -points.points else 0 end)
            as points_redeemed,
        sum(
            case
                when
                    points.entry_type = 'redeem'
                    and cast(points.entered_at as date)
                    >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
                    then -points.points
                else 0
            end
        ) as points_redeemed_365d,
        sum(
            case
                when
                    points.entry_type = 'redeem'
                    and cast(points.entered_at as date)
                    >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
                    then points.cost_amount
            end
        ) as reward_cost_365d,
        count(
            case
                when
                    points.entry_type = 'redeem'
                    and cast(points.entered_at as date)
                    >= {{ dbt.dateadd('day', -365, 'as_of.as_of_date') }}
                    and points.cost_amount is null
                    then 1
            end
        ) as uncosted_redemptions_365d
    from points
    inner join accounts
        on points.account_id = accounts.account_id
    cross join as_of
    group by accounts.customer_id

),

has_points as (

    select count(*) > 0 as is_recorded
    from points

),

people as (

    select
        customers.customer_id,
        members.customer_id is not null as is_member,
        coalesce(members.is_open, false) as is_open,
        coalesce(members.tier_recorded, 'not_told') as tier_recorded,
        coalesce(
            tiers.tier_by_rule, case when members.is_open then 'not_told' else 'left' end
        ) as tier_by_rule,
        contributions.net_revenue_365d,
        contributions.contribution_value_365d,
        contributions.contribution_basis_365d,
        coalesce(ledger.points_earned, 0) as points_earned,
        coalesce(ledger.points_redeemed, 0) as points_redeemed,
        coalesce(ledger.points_redeemed_365d, 0) as points_redeemed_365d,
        ledger.reward_cost_365d,
        coalesce(ledger.uncosted_redemptions_365d, 0) as uncosted_redemptions_365d
    from customers
    left join members
        on customers.customer_id = members.customer_id
    left join tiers
        on customers.customer_id = tiers.customer_id
    left join contributions
        on customers.customer_id = contributions.customer_id
    left join ledger
        on customers.customer_id = ledger.customer_id
    -- Who never bought and never joined is no customer to compare with.
    where
        members.customer_id is not null
        or customers.first_order_date is not null

),

placed as (

    select
        'recorded' as tier_basis,
        tier_recorded as tier,
        people.*
    from people
    where is_member

    union all

    select
        'rule' as tier_basis,
        tier_by_rule as tier,
        people.*
    from people
    where is_member

    union all

    select
        'all' as tier_basis,
        case when is_member then 'all_members' else 'not_a_member' end as tier,
        people.*
    from people

),

summed as (

    select
        tier_basis,
        tier,
        count(*) as customers,
        sum(case when is_open then 1 else 0 end) as open_members,
        sum(case when is_member and not is_open then 1 else 0 end) as closed_members,
        sum(net_revenue_365d) as net_revenue_365d,
        avg(cast(net_revenue_365d as double)) as mean_revenue,
        var_samp(cast(net_revenue_365d as double)) as revenue_variance,
        sum(contribution_value_365d) as contribution_365d,
        sum(case when contribution_basis_365d = 'revenue' then 1 else 0 end) as uncosted_customers,
        sum(points_earned) as points_earned,
        sum(points_redeemed) as points_redeemed,
        sum(points_redeemed_365d) as points_redeemed_365d,
        sum(reward_cost_365d) as reward_cost_365d,
        sum(uncosted_redemptions_365d) as uncosted_redemptions_365d
    from placed
    group by
        tier_basis,
        tier

),

costed as (

    select
        summed.*,
        case
            when not has_points.is_recorded then 'no_points'
            when summed.uncosted_redemptions_365d = 0 then null
            when summed.reward_cost_365d is null then 'no_reward_cost'
            else 'reward_cost_in_part'
        end as reward_cost_reason,
        case
            when summed.uncosted_customers = 0 then summed.contribution_365d
        end as known_contribution_365d
    from summed
    cross join has_points

),

with_rewards as (

    select
        costed.*,
        case when reward_cost_reason is null then coalesce(reward_cost_365d, 0) end
            as known_reward_cost_365d
    from costed

),

non_members as (

    select
        customers,
        mean_revenue,
        revenue_variance
    from summed
    where tier = 'not_a_member'

),

joining as (

    select
        max(case when term = 'effect' then estimate end) as join_effect,
        max(case when term = 'effect' then interval_low end) as join_effect_low,
        max(case when term = 'effect' then interval_high end) as join_effect_high,
        max(case when term = 'effect' then breakdown_value end) as join_breakdown_value,
        max(case when term = 'effect' then evidence end) as join_evidence,
        max(case when term = 'effect' then effect_reason end) as join_effect_reason,
        max(case when term = 'placebo' then estimate end) as join_placebo,
        max(case when term = 'placebo' then interval_low end) as join_placebo_low,
        max(case when term = 'placebo' then interval_high end) as join_placebo_high
    from effects

),

compared as (

    select
        with_rewards.*,
        with_rewards.tier = 'all_members' as is_all_members,
        with_rewards.mean_revenue / 12 - non_members.mean_revenue / 12 as naive_difference,
        {{ z }} * sqrt(
            with_rewards.revenue_variance / with_rewards.customers
            + non_members.revenue_variance / non_members.customers
        ) / 12 as naive_half,
        cast(with_rewards.known_contribution_365d as double)
        / nullif(cast(with_rewards.net_revenue_365d as double), 0) as margin,
        joining.*
    from with_rewards
    cross join joining
    left join non_members
        on with_rewards.tier <> 'not_a_member'
    where exists (select 1 from members)

)

select
    compared.tier_basis,
    compared.tier,
    as_of.as_of_date,
    cast(compared.customers as bigint) as customers,
    cast(compared.open_members as bigint) as open_members,
    cast(compared.closed_members as bigint) as closed_members,
    cast(compared.points_earned as decimal(18, 2)) as points_earned,
    cast(compared.points_redeemed as decimal(18, 2)) as points_redeemed,
    cast(compared.points_redeemed_365d as decimal(18, 2)) as points_redeemed_365d,
    cast(compared.net_revenue_365d as decimal(18, 2)) as net_revenue_365d,
    cast(compared.known_contribution_365d as decimal(18, 2)) as contribution_365d,
    case when compared.known_contribution_365d is null then 'cost_unknown' end
        as contribution_reason,
    cast(compared.known_reward_cost_365d as decimal(18, 2)) as reward_cost_365d,
    compared.reward_cost_reason,
    cast(
        compared.known_contribution_365d - compared.known_reward_cost_365d as decimal(18, 2)
    ) as contribution_after_rewards_365d,
    cast(
        (compared.known_contribution_365d - compared.known_reward_cost_365d)
        / nullif(compared.customers, 0) as decimal(18, 2)
    ) as contribution_after_rewards_each_365d,
    cast(compared.known_reward_cost_365d as double)
    / nullif(cast(compared.net_revenue_365d as double), 0) as reward_cost_share,
    round(compared.naive_difference, 6) as naive_difference,
    round(compared.naive_difference - compared.naive_half, 6) as naive_low,
    round(compared.naive_difference + compared.naive_half, 6) as naive_high,
    case
        when compared.tier <> 'not_a_member' and compared.naive_difference is null
            then 'no_non_members'
    end as naive_reason,
    {% for column in [
        'join_effect', 'join_effect_low', 'join_effect_high', 'join_placebo', 'join_placebo_low',
        'join_placebo_high', 'join_breakdown_value', 'join_evidence'
    ] %}
        case when compared.is_all_members then compared.{{ column }} end as {{ column }},
    {% endfor %}
    case
        when compared.is_all_members then compared.join_effect_reason
        when compared.tier <> 'not_a_member' then 'tier_follows_spend'
    end as join_effect_reason,
{% for end in ['', '_low', '_high'] %}
    case
        when compared.is_all_members
            then
                cast(
                    compared.join_effect{{ end }} * 12 * compared.open_members * compared.margin
                    - compared.known_reward_cost_365d as decimal(18, 2)
                )
    end as programme_result_365d{{ end }}{{ "," if not loop.last }}
{% endfor %}
from compared
cross join as_of
