with cohorts as (

    select * from {{ ref('stg_points__cohorts') }}

),

movements as (

    select * from {{ ref('fct_points_movements') }}
    where lot_type = 'earned'

),

last_month as (

    select max(evaluated_month) as evaluated_month
    from cohorts

),

now_known as (

    select cohorts.*
    from cohorts
    inner join last_month
        on cohorts.evaluated_month = last_month.evaluated_month

),

then_known as (

    select cohorts.*
    from cohorts
    inner join last_month
        on
            cohorts.evaluated_month = {{ dbt.dateadd(
                'month', '-' ~ var('points_backtest_months'), 'last_month.evaluated_month'
            ) }}

),

cohorts_expired as (

    select
        cast({{ dbt.date_trunc('month', 'movements.lot_date') }} as date) as cohort_month,
        sum(
            case
                when
                    movements.points_state = 'expired'
                    and movements.moved_date
                    < {{ dbt.dateadd('month', 1, 'last_month.evaluated_month') }}
                    then movements.points
                else 0
            end
        ) as expired_points
    from movements
    cross join last_month
    group by cast({{ dbt.date_trunc('month', 'movements.lot_date') }} as date)

)

select
    now_known.cohort_month,
    now_known.as_of_date,
    now_known.evaluated_month,
    now_known.age_months,
    cast(now_known.earned_points as decimal(18, 2)) as earned_points,
    cast(now_known.redeemed_points as decimal(18, 2)) as redeemed_points,
    cast(cohorts_expired.expired_points as decimal(18, 2)) as expired_points,
    cast(now_known.outstanding_points as decimal(18, 2)) as outstanding_points,
    now_known.redeemed_points / nullif(now_known.earned_points, 0) as redeemed_share,
    now_known.developed_share,
    cast(now_known.ultimate_points as decimal(18, 2)) as ultimate_points,
    now_known.ultimate_points / nullif(now_known.earned_points, 0) as ultimate_redemption_rate,
    now_known.ultimate_points_low / nullif(now_known.earned_points, 0)
        as ultimate_redemption_rate_low,
    now_known.ultimate_points_high / nullif(now_known.earned_points, 0)
        as ultimate_redemption_rate_high,
    now_known.basis,
    then_known.evaluated_month as backtest_month,
    then_known.ahead_points / nullif(then_known.earned_points, 0) as backtest_predicted_share,
    then_known.ahead_points_low / nullif(then_known.earned_points, 0)
        as backtest_predicted_share_low,
    then_known.ahead_points_high / nullif(then_known.earned_points, 0)
        as backtest_predicted_share_high,
    case
        when then_known.ahead_points is not null
            then
                (then_known.ahead_points - now_known.redeemed_points)
                / nullif(then_known.earned_points, 0)
    end as backtest_error,
    now_known.redeemed_points between then_known.ahead_points_low and then_known.ahead_points_high
        as is_within_backtest_interval
from now_known
left join then_known
    on now_known.cohort_month = then_known.cohort_month
left join cohorts_expired
    on now_known.cohort_month = cohorts_expired.cohort_month
