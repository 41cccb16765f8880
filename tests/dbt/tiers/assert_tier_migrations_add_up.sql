with migrations as (

    select * from {{ ref('loyalty_tier_migrations') }}

),

ends as (

    select
        cast({{ dbt.dateadd('month', 1, 'month_start') }} as date) as month_start,
        to_tier as tier,
        sum(members) as members
    from migrations
    where to_tier <> 'left'
    group by
        month_start,
        to_tier

),

begins as (

    select
        month_start,
        from_tier as tier,
        sum(members) as members
    from migrations
    where from_tier <> 'not_a_member'
    group by
        month_start,
        from_tier

),

last_month as (

    select max(month_start) as month_start
    from migrations

),

first_month as (

    select min(month_start) as month_start
    from migrations

),

held as (

    select
        tier_by_rule as tier,
        count(*) as members
    from {{ ref('loyalty_tiers') }}
    where tier_by_rule is not null
    group by tier_by_rule

),

compared as (

    select
        coalesce(ends.month_start, begins.month_start) as month_start,
        coalesce(ends.tier, begins.tier) as tier,
        coalesce(ends.members, 0) as members,
        coalesce(begins.members, 0) as members_after
    from ends
    full join begins
        on
            ends.month_start = begins.month_start
            and ends.tier = begins.tier

)

select
    compared.month_start,
    compared.tier
from compared
cross join last_month
cross join first_month
where
    compared.members <> compared.members_after
    and compared.month_start <= last_month.month_start
    and compared.month_start > first_month.month_start

union all

select
    compared.month_start,
    held.tier
from held
cross join last_month
left join compared
    on
        held.tier = compared.tier
        and last_month.month_start < compared.month_start
where coalesce(compared.members, 0) <> held.members
