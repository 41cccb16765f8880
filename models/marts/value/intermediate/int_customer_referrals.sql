{#- Whom a customer has referred, and what these bring. A referrer was there before the one
    referred: nobody refers themselves, and of a circle the link back does not count. Of those first
    seen on one day, only who was not referred on that day can have been first. Whom the referred
    refer in turn is theirs. -#}
with customers as (

    select * from {{ ref('dim_customers') }}

),

profiles as (

    select * from {{ ref('stg_crm__customers') }}

),

contributions as (

    select * from {{ ref('int_customer_contributions') }}

),

lifetime_values as (

    select * from {{ ref('int_customer_clv') }}

),

named as (

    select
        referred.customer_id,
        referrers.customer_id as referrer_customer_id,
        referred.first_seen_date,
        coalesce(
            referrers.first_seen_date = referred.first_seen_date,
            referrers.first_seen_date is null and referred.first_seen_date is null
        ) as is_same_day
    from customers as referred
    inner join customers as referrers
        on referred.referrer_customer_id = referrers.customer_id
    where
        referred.customer_id <> referrers.customer_id
        and (
            referrers.first_seen_date <= referred.first_seen_date
            or referrers.first_seen_date is null
        )

),

same_day as (

    select customer_id
    from named
    where is_same_day

),

referrals as (

    select
        named.referrer_customer_id,
        named.customer_id
    from named
    left join same_day
        on
            case when named.is_same_day then named.referrer_customer_id end
            = same_day.customer_id
    where same_day.customer_id is null

),

recorded as (

    select
        count(customers.referrer_customer_id) > 0 as is_referrer_recorded,
        count(profiles.referral_count) > 0 as is_count_recorded
    from customers
    left join profiles
        on customers.customer_id = profiles.customer_id

),

referred_values as (

    select
        referrals.referrer_customer_id,
        count(*) as referred_customers,
        sum(contributions.contribution_value) as referral_value,
        sum(lifetime_values.clv_365d) as referral_clv_365d
    from referrals
    inner join contributions
        on referrals.customer_id = contributions.customer_id
    inner join lifetime_values
        on referrals.customer_id = lifetime_values.customer_id
    group by referrals.referrer_customer_id

)

-- Where only the number of referrals is recorded, there is the number.
select
    customers.customer_id,
    cast(
        case
            when recorded.is_referrer_recorded then coalesce(referred_values.referred_customers, 0)
            when recorded.is_count_recorded then coalesce(profiles.referral_count, 0)
        end as bigint
    ) as referred_customers,
    cast(
        case when recorded.is_referrer_recorded then coalesce(referred_values.referral_value, 0) end
        as decimal(18, 2)
    ) as referral_value,
    cast(
        case
            when not recorded.is_referrer_recorded then null
            when referred_values.referrer_customer_id is null then 0
            else referred_values.referral_clv_365d
        end as decimal(18, 2)
    ) as referral_clv_365d
from customers
cross join recorded
left join profiles
    on customers.customer_id = profiles.customer_id
left join referred_values
    on customers.customer_id = referred_values.referrer_customer_id
