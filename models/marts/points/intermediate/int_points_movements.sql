{#- Cuts the axis of points of each account wherever a piece of a lot or a use begins or ends; what
    lies between two cuts is one piece of one lot, used by one entry or by none. -#}
with lots as (

    select * from {{ ref('int_points_lots') }}

),

debits as (

    select * from {{ ref('int_points_debits') }}

),

pieces as (

    select
        *,
        row_number() over (
            partition by account_id
            order by start_position
        ) as piece_number
    from {{ ref('int_points_lot_pieces') }}

),

uses as (

    select * from {{ ref('int_points_uses') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

booked as (

    select count(*) as expiries
    from debits
    where entry_kind = 'expire'

),

cuts as (

    select
        account_id,
        start_position as position,
        piece_number,
        cast(null as bigint) as use_number
    from pieces

    union all

    select
        account_id,
        start_position as position,
        cast(null as bigint) as piece_number,
        use_number
    from uses

    union all

    select
        account_id,
        max(end_position) as position,
        cast(null as bigint) as piece_number,
        cast(null as bigint) as use_number
    from pieces
    group by account_id

    union all

    select
        account_id,
        max(end_position) as position,
        cast(null as bigint) as piece_number,
        cast(null as bigint) as use_number
    from uses
    group by account_id

),

positions as (

    select
        account_id,
        position,
        max(piece_number) as piece_number,
        max(use_number) as use_number
    from cuts
    group by
        account_id,
        position

),

spans as (

    select
        account_id,
        position as start_position,
        lead(position) over (
            partition by account_id
            order by position
        ) as end_position,
        max(piece_number) over (
            partition by account_id
            order by position
            rows between unbounded preceding and current row
        ) as piece_number,
        max(use_number) over (
            partition by account_id
            order by position
            rows between unbounded preceding and current row
        ) as use_number
    from positions

),

matched as (

    select
        spans.account_id,
        spans.end_position - spans.start_position as points,
        pieces.lot_entry_id,
        uses.entry_id,
        uses.entry_kind,
        uses.used_at
    from spans
    left join pieces
        on
            spans.account_id = pieces.account_id
            and spans.piece_number = pieces.piece_number
            and spans.start_position < pieces.end_position
    left join uses
        on
            spans.account_id = uses.account_id
            and spans.use_number = uses.use_number
            and spans.start_position < uses.end_position
    where spans.end_position is not null

),

-- What takes more than there is must not be filled up by what is earned later.
too_early as (

    select
        matched.*,
        coalesce(
            matched.entry_kind in ('redeem', 'expire')
            and matched.used_at < lots.entered_at,
            false
        ) as is_too_early
    from matched
    left join lots
        on matched.lot_entry_id = lots.lot_entry_id

),

parts as (

    select
        account_id,
        lot_entry_id,
        case when not is_too_early then entry_id end as entry_id,
        case when not is_too_early then entry_kind end as entry_kind,
        points,
        false as is_never_earned
    from too_early
    where not (is_too_early and lot_entry_id is null)

    union all

    select
        account_id,
        cast(null as {{ dbt.type_string() }}) as lot_entry_id,
        entry_id,
        entry_kind,
        points,
        true as is_never_earned
    from too_early
    where is_too_early

    union all

    select
        account_id,
        named_lot_entry_id as lot_entry_id,
        entry_id,
        entry_kind,
        points_from_named_lot as points,
        false as is_never_earned
    from debits
    where points_from_named_lot > 0

    union all

    select
        account_id,
        cast(null as {{ dbt.type_string() }}) as lot_entry_id,
        entry_id,
        entry_kind,
        points_never_earned as points,
        true as is_never_earned
    from debits
    where points_never_earned > 0

),

stated as (

    select
        parts.account_id,
        parts.lot_entry_id,
        parts.points,
        case
            when
                parts.is_never_earned
                or (
                    parts.lot_entry_id is null
                    and parts.entry_kind in ('redeem', 'expire', 'lapse')
                )
                then 'never_earned'
            when parts.lot_entry_id is null then 'owed'
            when parts.entry_kind = 'redeem' then 'spent'
            when parts.entry_kind in ('expire', 'lapse') then 'expired'
            when parts.entry_kind is not null then 'reversed'
            when booked.expiries = 0 and lots.expires_on < as_of.as_of_date then 'expired'
            when lots.spendable_on > {{ dbt.dateadd('day', -1, 'as_of.as_of_date') }} then 'pending'
            else 'active'
        end as points_state,
        case
            when
                parts.entry_kind is null
                and booked.expiries = 0
                and lots.expires_on < as_of.as_of_date
                then concat('due-', parts.lot_entry_id)
            else parts.entry_id
        end as entry_id
    from parts
    left join lots
        on parts.lot_entry_id = lots.lot_entry_id
    cross join as_of
    cross join booked

),

summed as (

    select
        account_id,
        lot_entry_id,
        entry_id,
        points_state,
        sum(points) as points
    from stated
    group by
        account_id,
        lot_entry_id,
        entry_id,
        points_state

),

described as (

    select
        summed.account_id,
        coalesce(lots.customer_id, debits.customer_id) as customer_id,
        summed.lot_entry_id,
        lots.lot_type,
        cast(lots.points as decimal(18, 2)) as lot_points,
        lots.entered_date as lot_date,
        lots.spendable_on,
        lots.expires_on,
        lots.order_id as lot_order_id,
        lots.external_id as lot_external_id,
        summed.points_state,
        summed.points,
        summed.entry_id,
        debits.entry_type,
        debits.entered_date,
        case
            when summed.points_state in ('active', 'pending') then null
            when debits.entry_id is null then lots.expires_on
            else greatest(debits.entered_date, coalesce(lots.entered_date, debits.entered_date))
        end as moved_date,
        debits.entry_id is not null as is_booked,
        debits.order_id,
        debits.external_id,
        debits.named_lot_entry_id,
        debits.cost_amount,
        debits.points as entry_points,
        sum(summed.points) over (
            partition by summed.account_id, summed.entry_id
            order by summed.lot_entry_id, summed.points_state
            rows between unbounded preceding and current row
        ) as entry_points_to_here
    from summed
    left join lots
        on summed.lot_entry_id = lots.lot_entry_id
    left join debits
        on summed.entry_id = debits.entry_id

)

-- Cents of an entry's cost are shared out so that they add up.
select
    concat(
        coalesce(lot_entry_id, '-'), '|', coalesce(entry_id, '-'), '|', points_state
    ) as movement_id,
    account_id,
    customer_id,
    lot_entry_id,
    lot_type,
    lot_points,
    lot_date,
    spendable_on,
    expires_on,
    lot_order_id,
    lot_external_id,
    points_state,
    cast(points as decimal(18, 2)) as points,
    entry_id,
    entry_type,
    entered_date,
    moved_date,
    case when entry_id is not null then is_booked end as is_booked,
    order_id,
    external_id,
    case when named_lot_entry_id <> lot_entry_id or lot_entry_id is null then named_lot_entry_id end
        as other_lot_entry_id,
    case
        when points_state = 'spent' then coalesce(expires_on <= moved_date, false)
    end as is_spent_after_expiry,
    cast(
        round(cost_amount * entry_points_to_here / nullif(entry_points, 0), 2)
        - round(cost_amount * (entry_points_to_here - points) / nullif(entry_points, 0), 2)
        as decimal(18, 2)
    ) as cost_amount,
    case
        when points_state = 'never_earned' then 'never_earned'
        when points_state = 'owed' then 'spent_before_taken_back'
        when points_state = 'reversed' and named_lot_entry_id <> lot_entry_id
            then 'lot_used_before'
    end as movement_reason
from described
