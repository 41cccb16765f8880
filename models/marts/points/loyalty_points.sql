with months as (

    select * from {{ ref('int_points_months') }}

),

deferrals as (

    select * from {{ ref('int_points_deferrals') }}

),

cohorts as (

    select * from {{ ref('stg_points__cohorts') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

deferred as (

    select
        month_start,
        sum(price) as price,
        sum(deferred_amount) as deferred_to_date,
        sum(released_amount) as released_to_date,
        -- What cannot be told of one cohort cannot be told of all.
        count(*) = count(released_amount) as is_known
    from deferrals
    group by month_start

),

to_come as (

    select
        evaluated_month as month_start,
        sum(ultimate_points - redeemed_points) as points
    from cohorts
    group by evaluated_month

),

joined as (

    select
        months.*,
        to_come.points as earned_points_to_be_redeemed,
        case when deferred.is_known then deferred.deferred_to_date end as deferred_to_date,
        case when deferred.is_known then deferred.released_to_date end as released_to_date,
        lag(case when deferred.is_known then deferred.deferred_to_date end) over (
            order by months.month_start
        ) as deferred_before,
        lag(case when deferred.is_known then deferred.released_to_date end) over (
            order by months.month_start
        ) as released_before,
        count(case when deferred.is_known then 1 end) over (
            order by months.month_start
            rows between unbounded preceding and 1 preceding
        ) = 0 as is_first_known
    from months
    left join deferred
        on months.month_start = deferred.month_start
    left join to_come
        on months.month_start = to_come.month_start

)

select
    joined.month_start,
    as_of.as_of_date,
    joined.is_complete,
    cast(joined.opening_points as decimal(18, 2)) as opening_points,
    cast(joined.earned_points as decimal(18, 2)) as earned_points,
    cast(joined.adjusted_points as decimal(18, 2)) as adjusted_points,
    cast(joined.restored_points as decimal(18, 2)) as restored_points,
    cast(joined.spent_points + joined.redeemed_never_earned_points as decimal(18, 2))
        as redeemed_points,
    cast(joined.spent_points as decimal(18, 2)) as spent_points,
    cast(joined.redeemed_never_earned_points as decimal(18, 2)) as redeemed_never_earned_points,
    cast(joined.spent_after_expiry_points as decimal(18, 2)) as spent_after_expiry_points,
    cast(joined.expired_points as decimal(18, 2)) as expired_points,
    cast(joined.reversed_points as decimal(18, 2)) as reversed_points,
    cast(joined.never_earned_points as decimal(18, 2)) as never_earned_points,
    cast(joined.redemption_cost as decimal(18, 2)) as redemption_cost,
    cast(joined.outstanding_points - joined.pending_points as decimal(18, 2)) as active_points,
    cast(joined.pending_points as decimal(18, 2)) as pending_points,
    cast(joined.outstanding_points as decimal(18, 2)) as outstanding_points,
    cast(joined.owed_points as decimal(18, 2)) as owed_points,
    cast(joined.outstanding_points - joined.owed_points as decimal(18, 2)) as balance_points,
    joined.redemption_rate as ultimate_redemption_rate,
    joined.redemption_rate_low as ultimate_redemption_rate_low,
    joined.redemption_rate_high as ultimate_redemption_rate_high,
    joined.rate_basis as ultimate_redemption_rate_basis,
    joined.rate_reason as ultimate_redemption_rate_reason,
    1 - joined.redemption_rate as breakage_rate,
    cast(joined.outstanding_points * (1 - joined.redemption_rate) as decimal(18, 2))
        as breakage_points,
    cast(joined.earned_points_to_be_redeemed as decimal(18, 2)) as earned_points_to_be_redeemed,
    joined.cost_per_point,
    joined.value_per_point,
    cast(
        joined.outstanding_points * joined.redemption_rate * joined.cost_per_point
        as decimal(18, 2)
    ) as liability_cost,
    case
        when joined.redemption_rate is null then 'no_rate'
        when joined.cost_per_point is null then 'no_cost'
    end as liability_cost_reason,
    cast(
        joined.deferred_to_date
        - coalesce(joined.deferred_before, case when joined.is_first_known then 0 end)
        as decimal(18, 2)
    ) as revenue_deferred,
    cast(
        joined.released_to_date
        - coalesce(joined.released_before, case when joined.is_first_known then 0 end)
        as decimal(18, 2)
    ) as revenue_released,
    cast(joined.deferred_to_date - joined.released_to_date as decimal(18, 2)) as deferred_revenue,
    case
        when joined.deferred_to_date is not null then null
        when not joined.is_complete then 'month_open'
        when joined.redemption_rate is null then 'no_rate'
        when joined.value_per_point is null then 'no_cost'
        else 'no_orders'
    end as deferred_revenue_reason
from joined
cross join as_of
