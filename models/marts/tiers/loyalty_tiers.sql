{%- set criteria = tier_criteria() -%}

with members as (

    select * from {{ ref('int_tier_members') }}

),

outlook as (

    select * from {{ ref('int_tier_outlook') }}

),

reviewed as (

    select * from {{ ref('int_tier_member_months') }}

),

rules as (

    select * from {{ ref('int_tier_rules') }}

),

points as (

    select * from {{ ref('stg_loyalty__points') }}

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

rule_check as (

    select
        max(rule_problem) as rule_problem,
        max(tier_rank) as top_rank
    from rules

),

ranks as (

    select distinct
        tier,
        tier_rank
    from rules
    where rule_problem is null

),

next_amounts as (

    select
        tier_rank,
    {% for criterion in criteria %}
        max(case when criterion = '{{ criterion }}' then from_amount end)
            as from_{{ criterion }}{{ "," if not loop.last }}
    {% endfor %}
    from rules
    where rule_problem is null
    group by tier_rank

),

has_points as (

    select count(*) > 0 as is_recorded
    from points

),

balances as (

    select
        accounts.customer_id,
        sum(points.points) as points_balance
    from points
    inner join accounts
        on points.account_id = accounts.account_id
    group by accounts.customer_id

),

joined as (

    select
        members.customer_id,
        as_of.as_of_date,
        members.account_id,
        members.accounts,
        members.is_open,
        members.enrolled_on,
        members.closed_on,
        members.tier_recorded,
        held.tier as tier_by_rule,
        would_be.tier as tier_by_window,
        case
            when members.tier_recorded_rank is null or outlook.held_rank is null
                then 'not_comparable'
            when members.tier_recorded_rank > outlook.held_rank then 'recorded_higher'
            when members.tier_recorded_rank < outlook.held_rank then 'recorded_lower'
            else 'same'
        end as tier_agreement,
        case
            when outlook.held_rank is not null then null
            when rule_check.rule_problem is not null then 'rules_do_not_fit'
            when not members.is_open then 'account_closed'
            when outlook.window_rank is null then 'no_criterion_known'
            else 'window_not_covered'
        end as tier_reason,
        cast({{ dbt.dateadd('day', -1, 'reviewed.next_month_start') }} as date) as last_reviewed_on,
        reviewed.window_points as reviewed_points,
        reviewed.window_spend as reviewed_spend,
        reviewed.window_orders as reviewed_orders,
        reviewed.window_engaged_days as reviewed_engaged_days,
        outlook.window_start_date,
        outlook.next_review_on,
        outlook.points as qualifying_points,
        outlook.spend as qualifying_spend,
        outlook.orders as qualifying_orders,
        outlook.engaged_days as qualifying_engaged_days,
        case when has_points.is_recorded then coalesce(balances.points_balance, 0) end
            as points_balance,
        case when not has_points.is_recorded then 'no_points' end as points_reason,
        outlook.expires_on as tier_expires_on,
        outlook.projected_points,
        outlook.projected_spend,
        outlook.projected_orders,
        outlook.projected_engaged_days,
        case when outlook.held_rank is not null then projected.tier end as projected_tier,
        case
            when outlook.held_rank is not null and projected.tier is null then 'not_scored'
        end as projected_tier_reason,
        coming.tier as next_tier,
        case when outlook.held_rank = rule_check.top_rank then 'top_tier' end as next_tier_reason,
    {% for criterion in criteria %}
        case
            when coming.tier is not null
                then
                    greatest(
                        next_amounts.from_{{ criterion }} - outlook.{{ criterion }}, 0
                    )
        end as missing_{{ criterion }}{{ "," if not loop.last }}
    {% endfor %}
    from members
    cross join as_of
    cross join rule_check
    cross join has_points
    left join outlook
        on members.customer_id = outlook.customer_id
    left join reviewed
        on
            outlook.customer_id = reviewed.customer_id
            and outlook.last_review_number = reviewed.month_number
    left join ranks as held
        on outlook.held_rank = held.tier_rank
    left join ranks as would_be
        on
            case when outlook.held_rank is not null then outlook.window_rank end
            = would_be.tier_rank
    left join ranks as projected
        on outlook.projected_rank = projected.tier_rank
    left join ranks as coming
        on outlook.held_rank + 1 = coming.tier_rank
    left join next_amounts
        on coming.tier_rank = next_amounts.tier_rank
    left join balances
        on members.customer_id = balances.customer_id

)

select
    customer_id,
    as_of_date,
    account_id,
    cast(accounts as bigint) as accounts,
    is_open,
    enrolled_on,
    closed_on,
    tier_recorded,
    tier_by_rule,
    tier_by_window,
    tier_agreement,
    tier_reason,
    last_reviewed_on,
    cast(reviewed_points as decimal(18, 2)) as reviewed_points,
    cast(reviewed_spend as decimal(18, 2)) as reviewed_spend,
    cast(reviewed_orders as bigint) as reviewed_orders,
    cast(reviewed_engaged_days as bigint) as reviewed_engaged_days,
    window_start_date,
    next_review_on,
    cast(qualifying_points as decimal(18, 2)) as qualifying_points,
    cast(qualifying_spend as decimal(18, 2)) as qualifying_spend,
    cast(qualifying_orders as bigint) as qualifying_orders,
    cast(qualifying_engaged_days as bigint) as qualifying_engaged_days,
    cast(points_balance as decimal(18, 2)) as points_balance,
    points_reason,
    tier_expires_on,
    cast(projected_points as decimal(18, 2)) as projected_points,
    cast(projected_spend as decimal(18, 2)) as projected_spend,
    cast(projected_orders as double) as projected_orders,
    cast(projected_engaged_days as double) as projected_engaged_days,
    projected_tier,
    projected_tier_reason,
    next_tier,
    next_tier_reason,
    cast(missing_points as decimal(18, 2)) as missing_points,
    cast(missing_spend as decimal(18, 2)) as missing_spend,
    cast(missing_orders as bigint) as missing_orders,
    cast(missing_engaged_days as bigint) as missing_engaged_days
from joined
