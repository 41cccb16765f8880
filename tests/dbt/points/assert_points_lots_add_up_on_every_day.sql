with movements as (

    select * from {{ ref('fct_points_movements') }}
    where lot_entry_id is not null

),

moved as (

    select
        customer_id,
        lot_entry_id,
        lot_date as moved_date,
        lot_points as added,
        0 as taken,
        0 as left_over
    from movements
    group by
        customer_id,
        lot_entry_id,
        lot_date,
        lot_points

    union all

    select
        customer_id,
        lot_entry_id,
        moved_date,
        0 as added,
        points as taken,
        0 as left_over
    from movements
    where points_state in ('spent', 'expired', 'reversed')

    union all

    select
        customer_id,
        lot_entry_id,
        cast('9999-12-31' as date) as moved_date,
        0 as added,
        0 as taken,
        points as left_over
    from movements
    where points_state in ('active', 'pending')

),

by_day as (

    select
        customer_id,
        lot_entry_id,
        moved_date,
        sum(added) as added,
        sum(taken) as taken,
        sum(left_over) as left_over
    from moved
    group by
        customer_id,
        lot_entry_id,
        moved_date

),

running as (

    select
        *,
        sum(added - taken) over (
            partition by customer_id, lot_entry_id
            order by moved_date
            rows between unbounded preceding and current row
        ) as still_there,
        sum(added - taken - left_over) over (
            partition by customer_id, lot_entry_id
        ) as unexplained
    from by_day

)

select
    customer_id,
    lot_entry_id,
    moved_date,
    still_there,
    unexplained
from running
where
    still_there < 0
    or unexplained <> 0
