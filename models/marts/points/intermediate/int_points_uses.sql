{#- What is taken from lots in the order of use, end to end on one axis of points for each account.

    A ledger that books expiries is taken at its word. Where it never does, a lot expires on its
    day: then everything up to its end on the axis is gone, so that what expires by a day is the
    most by which the ends of lots that expired exceed what was used by then. It leaves what
    later uses need that nothing else can give. Accounts whose younger lots expire before older
    ones have no such axis; what is left there of a lot past its day has expired
    (int_points_movements). -#}
with debits as (

    select * from {{ ref('int_points_debits') }}

),

lots as (

    select * from {{ ref('int_points_lots') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

booked as (

    select count(*) as expiries
    from debits
    where entry_kind = 'expire'

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
        lots.customer_id,
        lots.lot_entry_id,
        lots.entry_number,
        lots.entered_at,
        lots.expires_on,
        lots.points - coalesce(taken_by_name.points, 0) as capacity,
        sum(lots.points - coalesce(taken_by_name.points, 0)) over (
            partition by lots.account_id
            order by lots.entry_number
            rows between unbounded preceding and current row
        ) as capacity_to_end
    from lots
    left join taken_by_name
        on lots.lot_entry_id = taken_by_name.lot_entry_id
    cross join booked
    where
        booked.expiries = 0
        and not lots.is_account_mixed

),

events as (

    select
        account_id,
        entered_at as event_at,
        1 as event_rank,
        entry_number,
        cast(null as {{ dbt.type_string() }}) as lot_entry_id,
        capacity as added,
        0 as used,
        cast(null as decimal(38, 2)) as expired_to_end
    from capacities

    union all

    select
        account_id,
        entered_at as event_at,
        1 as event_rank,
        entry_number,
        cast(null as {{ dbt.type_string() }}) as lot_entry_id,
        0 as added,
        points_in_order as used,
        cast(null as decimal(38, 2)) as expired_to_end
    from debits
    where points_in_order > 0

    union all

    -- On the day itself points can no longer be used.
    select
        capacities.account_id,
        cast(capacities.expires_on as timestamp) as event_at,
        0 as event_rank,
        capacities.entry_number,
        capacities.lot_entry_id,
        0 as added,
        0 as used,
        capacities.capacity_to_end as expired_to_end
    from capacities
    cross join as_of
    where
        capacities.expires_on < as_of.as_of_date
        and capacities.capacity > 0

),

running as (

    select
        *,
        sum(added) over course as added_to_date,
        sum(used) over course as used_to_date
    from events
    window course as (
        partition by account_id
        order by event_at, event_rank, entry_number
        rows between unbounded preceding and current row
    )

),

bounds as (

    select
        *,
        greatest(
            0,
            max(expired_to_end - used_to_date) over (
                partition by account_id
                order by event_at, event_rank, entry_number
                rows between unbounded preceding and current row
            )
        ) as lapsed_by_rule,
        greatest(
            0,
            min(added_to_date - used_to_date) over (
                partition by account_id
                order by event_at, event_rank, entry_number
                rows between current row and unbounded following
            )
        ) as never_needed
    from running

),

lapsed as (

    select
        account_id,
        lot_entry_id,
        event_at,
        entry_number,
        least(lapsed_by_rule, never_needed) - coalesce(
            lag(least(lapsed_by_rule, never_needed)) over (
                partition by account_id
                order by event_at, event_rank, entry_number
            ), 0
        ) as points
    from bounds
    where lot_entry_id is not null

),

uses as (

    select
        account_id,
        entry_id,
        entry_kind,
        entered_at as used_at,
        1 as event_rank,
        entry_number,
        points_in_order as points
    from debits
    where points_in_order > 0

    union all

    select
        account_id,
        concat('due-', lot_entry_id) as entry_id,
        'lapse' as entry_kind,
        event_at as used_at,
        0 as event_rank,
        entry_number,
        points
    from lapsed
    where points > 0

),

numbered as (

    select
        account_id,
        entry_id,
        entry_kind,
        used_at,
        points,
        row_number() over (
            partition by account_id
            order by used_at, event_rank, entry_number
        ) as use_number,
        sum(points) over (
            partition by account_id
            order by used_at, event_rank, entry_number
            rows between unbounded preceding and current row
        ) as end_position
    from uses

)

select
    account_id,
    entry_id,
    entry_kind,
    used_at,
    use_number,
    cast(points as decimal(18, 2)) as points,
    cast(end_position - points as decimal(18, 2)) as start_position,
    cast(end_position as decimal(18, 2)) as end_position
from numbered
