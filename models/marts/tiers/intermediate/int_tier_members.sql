{#- Who is or was a member. Of several accounts the open ones count, of these the highest tier. -#}
with accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

rules as (

    select distinct
        tier,
        tier_rank
    from {{ ref('int_tier_rules') }}
    where rule_problem is null

),

as_of as (

    select * from {{ ref('as_of') }}

),

ranked as (

    select
        accounts.customer_id,
        accounts.account_id,
        accounts.tier as tier_recorded,
        rules.tier_rank as tier_recorded_rank,
        row_number() over (
            partition by accounts.customer_id
            order by
                case
                    when accounts.closed_on is null or accounts.closed_on >= as_of.as_of_date then 0
                    else 1
                end,
                coalesce(rules.tier_rank, 0) desc,
                coalesce(accounts.enrolled_on, as_of.as_of_date) desc,
                accounts.account_id
        ) as account_rank,
        count(*) over (partition by accounts.customer_id) as accounts,
        min(accounts.enrolled_on) over (partition by accounts.customer_id) as enrolled_on,
        max(accounts.closed_on) over (partition by accounts.customer_id) as last_closed_on,
        max(
            case
                when accounts.closed_on is null or accounts.closed_on >= as_of.as_of_date then 1
                else 0
            end
        ) over (partition by accounts.customer_id) = 1 as is_open
    from accounts
    cross join as_of
    left join rules
        on lower(trim(accounts.tier)) = lower(trim(rules.tier))

)

select
    ranked.customer_id,
    ranked.account_id,
    ranked.accounts,
    ranked.tier_recorded,
    ranked.tier_recorded_rank,
    ranked.enrolled_on,
    case when not ranked.is_open then ranked.last_closed_on end as closed_on,
    ranked.is_open
from ranked
inner join customers
    on ranked.customer_id = customers.customer_id
where ranked.account_rank = 1
