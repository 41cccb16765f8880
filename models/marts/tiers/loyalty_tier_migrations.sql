{#- Members by the tier held at the end of a month and of the month before, those who joined or left
    among them. A month that is not over is as it stands. -#}
with member_months as (

    select * from {{ ref('int_tier_member_months') }}

),

rules as (

    select distinct
        tier,
        tier_rank
    from {{ ref('int_tier_rules') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

named as (

    select
        member_months.customer_id,
        member_months.month_start,
        member_months.next_month_start,
        member_months.month_number,
        member_months.is_complete,
        member_months.is_review,
        member_months.is_left,
        member_months.held_rank,
        member_months.window_spend,
        case
            when member_months.is_left then 'left'
            when member_months.held_rank is null then 'not_told'
            else rules.tier
        end as tier
    from member_months
    left join rules
        on member_months.held_rank = rules.tier_rank

),

followed as (

    select
        named.*,
        lag(named.tier) over by_month as tier_before,
        lag(named.held_rank) over by_month as rank_before
    from named
    window by_month as (partition by named.customer_id order by named.month_number)

),

counted as (

    select
        month_start,
        next_month_start,
        is_complete,
        is_review,
        -- Members of the time before the data began are no joiners.
        coalesce(tier_before, case when month_number = 1 then 'not_told' else 'not_a_member' end)
            as from_tier,
        tier as to_tier,
        rank_before,
        held_rank,
        count(*) as members,
        sum(window_spend) as window_spend
    from followed
    where
        coalesce(tier_before, '') <> 'left'
        and (tier_before is not null or tier <> 'left')
    group by
        month_start,
        next_month_start,
        is_complete,
        is_review,
        coalesce(tier_before, case when month_number = 1 then 'not_told' else 'not_a_member' end),
        tier,
        rank_before,
        held_rank

)

select
    counted.month_start,
    cast({{ dbt.dateadd('day', -1, 'counted.next_month_start') }} as date) as month_end,
    as_of.as_of_date,
    counted.is_complete,
    counted.is_review,
    counted.from_tier,
    counted.to_tier,
    case
        when counted.to_tier = 'left' then 'left'
        when counted.from_tier = 'not_a_member' then 'joined'
        when counted.rank_before is null or counted.held_rank is null then 'not_told'
        when counted.held_rank > counted.rank_before then 'up'
        when counted.held_rank < counted.rank_before then 'down'
        else 'stayed'
    end as move,
    cast(counted.members as bigint) as members,
    cast(
        sum(counted.members) over (partition by counted.month_start, counted.from_tier) as bigint
    ) as from_members,
    cast(counted.members as double)
    / nullif(
        cast(
            sum(counted.members) over (partition by counted.month_start, counted.from_tier)
            as double
        ),
        0
    ) as migration_rate,
    cast(counted.window_spend as decimal(18, 2)) as window_spend
from counted
cross join as_of
