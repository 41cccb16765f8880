{#- Lots on the axis of points on which int_points_uses lies: where on it each piece of a lot is
    used.

    Where lots expire in the order in which they were earned, each lies whole behind the one
    before. In other accounts a use takes first, of what there is at the time, what expires
    first: whoever takes from the lots up to a rank finds them as if there were no others, so
    that they have given all uses less the most by which uses exceeded them so far. The
    difference between neighbouring ranks is what one lot gave. -#}
with lots as (

    select * from {{ ref('int_points_lots') }}

),

debits as (

    select * from {{ ref('int_points_debits') }}

),

uses as (

    select * from {{ ref('int_points_uses') }}

),

taken_by_name as (

    select
        named_lot_entry_id as lot_entry_id,
        sum(points_from_named_lot) as points
    from debits
    where points_from_named_lot > 0
    group by named_lot_entry_id

),

capacities as (

    select
        lots.account_id,
        lots.lot_entry_id,
        lots.entered_at,
        lots.entry_number,
        lots.use_rank,
        lots.is_account_mixed,
        lots.points - coalesce(taken_by_name.points, 0) as capacity
    from lots
    left join taken_by_name
        on lots.lot_entry_id = taken_by_name.lot_entry_id

),

whole as (

    select
        account_id,
        lot_entry_id,
        capacity,
        sum(capacity) over (
            partition by account_id
            order by entry_number
            rows between unbounded preceding and current row
        ) as end_position
    from capacities
    where not is_account_mixed

),

mixed as (

    select * from capacities
    where is_account_mixed

),

mixed_accounts as (

    select distinct account_id
    from mixed

),

-- Uses that nothing was left for wait for the next lot: then is when they are served.
moments as (

    select
        account_id,
        entered_at as moment,
        0 as use_number,
        capacity as added,
        0 as used
    from mixed

    union all

    select
        uses.account_id,
        uses.used_at as moment,
        uses.use_number,
        0 as added,
        uses.points as used
    from uses
    inner join mixed_accounts
        on uses.account_id = mixed_accounts.account_id

),

served_to_date as (

    select
        account_id,
        moment,
        use_number,
        least(
            sum(added) over (
                partition by account_id
                order by moment, use_number
                range between unbounded preceding and current row
            ),
            sum(used) over (
                partition by account_id
                order by moment, use_number
                range between unbounded preceding and current row
            )
        ) as served
    from moments

),

served_at as (

    select
        account_id,
        moment,
        use_number,
        max(served) as served
    from served_to_date
    group by
        account_id,
        moment,
        use_number

),

servings as (

    select
        account_id,
        moment,
        served,
        coalesce(lag(served) over (
            partition by account_id
            order by moment, use_number
        ), 0) as served_before,
        row_number() over (
            partition by account_id
            order by moment, use_number
        ) as serving_number
    from served_at

),

takings as (

    select
        servings.account_id,
        servings.serving_number,
        servings.served,
        servings.served_before,
        mixed.lot_entry_id,
        mixed.use_rank,
        sum(case when mixed.entered_at <= servings.moment then mixed.capacity else 0 end) over (
            partition by servings.account_id, servings.serving_number
            order by mixed.use_rank
            rows between unbounded preceding and current row
        ) as added_to_rank
    from servings
    inner join mixed
        on servings.account_id = mixed.account_id
    where servings.served > servings.served_before

),

given_to_rank as (

    select
        *,
        served - greatest(
            0,
            max(served - added_to_rank) over (
                partition by account_id, use_rank
                order by serving_number
                rows between unbounded preceding and current row
            )
        ) as given
    from takings

),

given_now as (

    select
        *,
        given - coalesce(lag(given) over (
            partition by account_id, use_rank
            order by serving_number
        ), 0) as given_to_rank_now
    from given_to_rank

),

given_by_lot as (

    select
        account_id,
        lot_entry_id,
        served_before,
        given_to_rank_now,
        given_to_rank_now - coalesce(lag(given_to_rank_now) over (
            partition by account_id, serving_number
            order by use_rank
        ), 0) as points
    from given_now

),

given_in_all as (

    select
        lot_entry_id,
        sum(points) as points
    from given_by_lot
    group by lot_entry_id

),

all_served as (

    select
        account_id,
        max(served) as served
    from servings
    group by account_id

),

left_over as (

    select
        mixed.account_id,
        mixed.lot_entry_id,
        mixed.capacity - coalesce(given_in_all.points, 0) as points,
        all_served.served + sum(mixed.capacity - coalesce(given_in_all.points, 0)) over (
            partition by mixed.account_id
            order by mixed.use_rank
            rows between unbounded preceding and current row
        ) as end_position
    from mixed
    inner join all_served
        on mixed.account_id = all_served.account_id
    left join given_in_all
        on mixed.lot_entry_id = given_in_all.lot_entry_id

),

pieces as (

    select
        account_id,
        lot_entry_id,
        capacity as points,
        end_position
    from whole
    where capacity > 0

    union all

    select
        account_id,
        lot_entry_id,
        points,
        served_before + given_to_rank_now as end_position
    from given_by_lot
    where points > 0

    union all

    select
        account_id,
        lot_entry_id,
        points,
        end_position
    from left_over
    where points > 0

)

select
    account_id,
    lot_entry_id,
    cast(points as decimal(18, 2)) as points,
    cast(end_position - points as decimal(18, 2)) as start_position,
    cast(end_position as decimal(18, 2)) as end_position
from pieces
