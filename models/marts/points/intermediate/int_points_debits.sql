{#- What takes points away, in three parts: never earned, taken from the lot that it names, and
    taken in the order of use.

    Redemptions and expiries cannot take more than there is: the rest was never earned. What is
    taken back may exceed what is left, as far as it was ever added: it is owed. A lot named by
    a redemption or an expiry gives what they say. A lot of which points are taken back gives
    what redemptions before that left of it; the rest comes from the account's other points.
    Taking what was left reserves it without touching any earlier use, because capacities of
    lots named before and uses before add up to the same points whichever lot they came from. -#}
with entries as (

    select * from {{ ref('int_points_entries') }}

),

lots as (

    select * from {{ ref('int_points_lots') }}

),

taken_back as (

    select
        *,
        sum(case when is_credit then points else 0 end) over course as added_to_date,
        sum(case when entry_kind = 'debt' then points else 0 end) over course as debt_to_date,
        sum(case when entry_kind = 'reversal' then points else 0 end) over course
            as reversed_to_date,
        sum(case when entry_kind in ('redeem', 'expire') then points else 0 end) over course
            as used_to_date
    from entries
    window course as (
        partition by account_id
        order by entry_number
        rows between unbounded preceding and current row
    )

),

reversals_capped as (

    select
        *,
        greatest(
            0,
            max(case when entry_kind = 'reversal' then reversed_to_date - added_to_date end) over (
                partition by account_id
                order by entry_number
                rows between unbounded preceding and current row
            )
        ) as reversed_in_excess
    from taken_back

),

uses_capped as (

    select
        *,
        greatest(
            0,
            max(
                case
                    when entry_kind in ('redeem', 'expire')
                        then
                            used_to_date + debt_to_date + reversed_to_date
                            - coalesce(reversed_in_excess, 0) - added_to_date
                end
            ) over (
                partition by account_id
                order by entry_number
                rows between unbounded preceding and current row
            )
        ) as used_in_excess
    from reversals_capped

),

excesses as (

    select
        *,
        coalesce(reversed_in_excess, 0)
        - coalesce(lag(reversed_in_excess) over (
            partition by account_id
            order by entry_number
        ), 0) as reversed_in_excess_now,
        coalesce(used_in_excess, 0)
        - coalesce(lag(used_in_excess) over (
            partition by account_id
            order by entry_number
        ), 0) as used_in_excess_now
    from uses_capped

),

debits as (

    select
        *,
        least(
            points,
            case
                when entry_kind = 'reversal' then reversed_in_excess_now
                when entry_kind in ('redeem', 'expire') then used_in_excess_now
                else 0
            end
        ) as points_never_earned
    from excesses
    where not is_credit

),

named as (

    select
        debits.*,
        lots.points as lot_points,
        lots.points_before as lot_points_before,
        lots.entry_number as lot_entry_number,
        coalesce(sum(debits.points - debits.points_never_earned) over (
            partition by debits.account_id, debits.named_lot_entry_id
            order by debits.entry_number
            rows between unbounded preceding and 1 preceding
        ), 0) as named_before
    from debits
    left join lots
        on debits.named_lot_entry_id = lots.lot_entry_id

),

wanted as (

    select
        *,
        case
            when lot_points is null then 0
            else greatest(0, least(points - points_never_earned, lot_points - named_before))
        end as points_of_lot
    from named

),

in_order as (

    select
        *,
        sum(points - points_never_earned - points_of_lot) over (
            partition by account_id
            order by entry_number
            rows between unbounded preceding and 1 preceding
        ) as in_order_before
    from wanted

),

-- What was named before of lots that are older than the one of which points are taken back.
named_of_older_lots as (

    select
        reversals.account_id,
        reversals.entry_number,
        sum(others.points_of_lot) as points
    from wanted as reversals
    inner join wanted as others
        on
            reversals.account_id = others.account_id
            and reversals.entry_number > others.entry_number
            and reversals.lot_entry_number > others.lot_entry_number
    where
        reversals.entry_kind = 'reversal'
        and reversals.points_of_lot > 0
        and others.points_of_lot > 0
    group by
        reversals.account_id,
        reversals.entry_number

),

left_of_lots as (

    select
        in_order.*,
        in_order.lot_points - least(in_order.named_before, in_order.lot_points) as lot_capacity,
        coalesce(in_order.in_order_before, 0)
        - (in_order.lot_points_before - coalesce(named_of_older_lots.points, 0)) as used_of_lot
    from in_order
    left join named_of_older_lots
        on
            in_order.account_id = named_of_older_lots.account_id
            and in_order.entry_number = named_of_older_lots.entry_number

),

paired as (

    select
        *,
        case
            when points_of_lot = 0 then 0
            when entry_kind = 'reversal'
                then
                    least(
                        points_of_lot,
                        lot_capacity - least(lot_capacity, greatest(0, used_of_lot))
                    )
            else points_of_lot
        end as points_from_named_lot
    from left_of_lots

)

select
    entry_id,
    account_id,
    customer_id,
    entry_type,
    entry_kind,
    points,
    entered_at,
    entered_date,
    entry_number,
    order_id,
    external_id,
    cost_amount,
    named_lot_entry_id,
    cast(points_never_earned as decimal(18, 2)) as points_never_earned,
    cast(points_from_named_lot as decimal(18, 2)) as points_from_named_lot,
    cast(points - points_never_earned - points_from_named_lot as decimal(18, 2)) as points_in_order
from paired
