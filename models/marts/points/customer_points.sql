with movements as (

    select * from {{ ref('fct_points_movements') }}

),

entries as (

    select * from {{ ref('int_points_entries') }}

),

months as (

    select * from {{ ref('int_points_months') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

entered as (

    select
        customer_id,
        sum(case when is_credit then points else -points end) as ledger_points,
        min(entered_date) as first_entry_date,
        max(entered_date) as last_entry_date,
        max(case when entry_kind = 'earned' then entered_date end) as last_earned_date,
        max(case when entry_kind = 'redeem' then entered_date end) as last_redeemed_date,
        count(distinct account_id) as accounts
    from entries
    group by customer_id

),

next_expiries as (

    select
        movements.customer_id,
        min(movements.expires_on) as next_expiry_date
    from movements
    cross join as_of
    where
        movements.points_state in ('active', 'pending')
        and movements.expires_on >= as_of.as_of_date
    group by movements.customer_id

),

summed as (

    select
        movements.customer_id,
        sum(case when movements.lot_type = 'opening' then movements.points else 0 end)
            as opening_points,
        sum(case when movements.lot_type = 'earned' then movements.points else 0 end)
            as earned_points,
        sum(
            case
                when movements.lot_type in ('adjusted', 'restored') then movements.points
                else 0
            end
        ) as other_added_points,
        sum(case when movements.points_state = 'spent' then movements.points else 0 end)
            as spent_points,
        sum(case when movements.points_state = 'expired' then movements.points else 0 end)
            as expired_points,
        sum(case when movements.points_state = 'reversed' then movements.points else 0 end)
            as reversed_points,
        sum(case when movements.points_state = 'active' then movements.points else 0 end)
            as active_points,
        sum(case when movements.points_state = 'pending' then movements.points else 0 end)
            as pending_points,
        sum(case when movements.points_state = 'owed' then movements.points else 0 end)
            as owed_points,
        sum(case when movements.points_state = 'never_earned' then movements.points else 0 end)
            as never_earned_points,
        sum(case when movements.is_booked = false then movements.points else 0 end)
            as unbooked_expired_points,
        sum(
            case
                when
                    movements.points_state in ('active', 'pending')
                    and movements.expires_on < as_of.as_of_date
                    then movements.points
                else 0
            end
        ) as past_expiry_points,
        sum(
            case
                when
                    movements.points_state in ('active', 'pending')
                    and movements.expires_on >= as_of.as_of_date
                    and movements.expires_on < {{ dbt.dateadd(
                        'day', var('points_expiring_soon_days'), 'as_of.as_of_date'
                    ) }}
                    then movements.points
                else 0
            end
        ) as expiring_soon_points,
        sum(
            case
                when
                    movements.points_state in ('active', 'pending')
                    and movements.expires_on = next_expiries.next_expiry_date
                    then movements.points
                else 0
            end
        ) as next_expiry_points
    from movements
    cross join as_of
    left join next_expiries
        on movements.customer_id = next_expiries.customer_id
    group by movements.customer_id

),

newest_month as (

    select max(month_start) as month_start
    from months

),

worth as (

    select months.value_per_point
    from months
    inner join newest_month
        on months.month_start = newest_month.month_start

)

select
    summed.customer_id,
    as_of.as_of_date,
    cast(entered.accounts as bigint) as accounts,
    cast(summed.opening_points as decimal(18, 2)) as opening_points,
    cast(summed.earned_points as decimal(18, 2)) as earned_points,
    cast(summed.other_added_points as decimal(18, 2)) as other_added_points,
    cast(summed.spent_points as decimal(18, 2)) as spent_points,
    cast(summed.expired_points as decimal(18, 2)) as expired_points,
    cast(summed.reversed_points as decimal(18, 2)) as reversed_points,
    cast(summed.active_points as decimal(18, 2)) as active_points,
    cast(summed.pending_points as decimal(18, 2)) as pending_points,
    cast(summed.owed_points as decimal(18, 2)) as owed_points,
    cast(summed.active_points + summed.pending_points - summed.owed_points as decimal(18, 2))
        as balance_points,
    cast(entered.ledger_points as decimal(18, 2)) as ledger_points,
    cast(summed.never_earned_points as decimal(18, 2)) as never_earned_points,
    cast(summed.unbooked_expired_points as decimal(18, 2)) as unbooked_expired_points,
    cast(summed.past_expiry_points as decimal(18, 2)) as past_expiry_points,
    next_expiries.next_expiry_date,
    cast(summed.next_expiry_points as decimal(18, 2)) as next_expiry_points,
    cast(summed.expiring_soon_points as decimal(18, 2)) as expiring_soon_points,
    cast((summed.active_points + summed.pending_points) * worth.value_per_point as decimal(18, 2))
        as points_value,
    entered.first_entry_date,
    entered.last_entry_date,
    entered.last_earned_date,
    entered.last_redeemed_date
from summed
inner join entered
    on summed.customer_id = entered.customer_id
left join next_expiries
    on summed.customer_id = next_expiries.customer_id
cross join as_of
cross join worth
