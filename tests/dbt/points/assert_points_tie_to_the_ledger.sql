with points as (

    select * from {{ ref('stg_loyalty__points') }}
    where points <> 0

),

accounts as (

    select * from {{ ref('stg_loyalty__accounts') }}

),

movements as (

    select * from {{ ref('fct_points_movements') }}

),

moved as (

    select
        lot_entry_id as entry_id,
        points
    from movements
    where lot_entry_id is not null

    union all

    select
        entry_id,
        -points as points
    from movements
    where is_booked

),

entries_moved as (

    select
        entry_id,
        sum(points) as points
    from moved
    group by entry_id

),

balances as (

    select
        account_id,
        sum(
            case
                when points_state in ('active', 'pending') then points
                when points_state in ('owed', 'never_earned') then -points
                when points_state = 'expired' and not is_booked then points
                else 0
            end
        ) as points,
        sum(case when points_state = 'owed' then points else 0 end) as owed,
        sum(case when points_state in ('active', 'pending') then points else 0 end) as left_over
    from movements
    group by account_id

),

ledger as (

    select
        account_id,
        sum(points) as points
    from points
    group by account_id

)

select
    'entry' as grain,
    points.entry_id as id,
    points.points,
    entries_moved.points as found_points
from points
inner join accounts
    on points.account_id = accounts.account_id
left join entries_moved
    on points.entry_id = entries_moved.entry_id
where points.points <> coalesce(entries_moved.points, 0)

union all

select
    'account' as grain,
    balances.account_id as id,
    ledger.points,
    balances.points as found_points
from balances
left join ledger
    on balances.account_id = ledger.account_id
where balances.points <> coalesce(ledger.points, 0)

union all

-- Who owes has nothing left that could pay.
select
    'owed' as grain,
    account_id as id,
    owed as points,
    left_over as found_points
from balances
where
    owed > 0
    and left_over > 0
