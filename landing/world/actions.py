"""What a world does about its customers one by one, by a lot, and what that brings.

Draws are streams of their own: whom an action is decided for changes nothing else about a person.
"""

from __future__ import annotations

import duckdb

from landing.world.people import HABITS, by_type
from landing.world.spec import World

# Of each action: the share of people it is decided about in a slot, the orders it brings an average
# customer, how that grows with how often somebody buys (a power), and what it costs.
ACTIONS: dict[str, tuple[float, float, float, float]] = {
    "repurchase_reminder": (0.12, 0.40, 0.7, 0.10),
    "cross_sell": (0.10, 0.30, 1.0, 0.10),
    "win_back": (0.08, 0.25, 0.3, 2.00),
}
WINDOW_DAYS = 28
"""Days in which an action acts; a person is decided about at most once in as many."""
FIRST_DAY = 91
CONTROL_SHARE = 0.4
TAKEN_SHARE = 0.9
"""Of what is decided for, how much is carried out."""
CROSSOVER_SHARE = 0.02
"""Of those held back by lot, to how many it is done nevertheless."""
FROM_ACTION = 3 << 43
"""Numbers of orders that actions bring, above those of campaigns."""
PER_ACTION = 256
LARGEST_UPLIFT = 0.9
CONSENTS = "(profile_bits >> 20) % 64 < 44"


def uplift(world: World, action: str) -> str:
    """SQL for the orders that an action brings a person to whom it is done."""
    _, brings, power, _ = ACTIONS[action]
    answers = by_type(tuple(habits[5] for habits in HABITS.values()))
    often = f"least(2.5, rate * 365.25 / {world.parameters.rate_mean})"
    return f"least({LARGEST_UPLIFT}, {brings} * {answers} * power({often}, {power}))"


def actions_bring_a_day(world: World) -> str:
    """SQL for the orders a day that actions bring a person on average."""
    done = (1 - CONTROL_SHARE) * TAKEN_SHARE + CONTROL_SHARE * CROSSOVER_SHARE
    brought = " + ".join(f"{ACTIONS[name][0]} * {uplift(world, name)}" for name in ACTIONS)
    return f"case when {CONSENTS} then {done / WINDOW_DAYS!r} * ({brought}) else 0 end"


def make_actions(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create what was decided about whom; needs the calendar and the people."""
    ends, total = [], 0.0
    for share, *_ in ACTIONS.values():
        total += share
        ends.append(total)
    drawn = " ".join(
        f"when action_draw < {end} then '{name}'" for end, name in zip(ends, ACTIONS, strict=True)
    )
    uplifts = " ".join(f"when '{name}' then {uplift(world, name)}" for name in ACTIONS)
    slots = max(0, (world.days - FIRST_DAY) // WINDOW_DAYS + 1)
    connection.execute(f"""
        create table action_decisions as
        with slotted as (
            select
                person, customer_id, type_no, rate, profile_bits, buys, joins_op,
                cast(slot_no as int) as slot_no,
                cast({FIRST_DAY} + slot_no * {WINDOW_DAYS}
                    + {world.bits("action day", "person")} % {WINDOW_DAYS} as int) as day_index,
                {world.draw("action", "person", "slot_no")} as action_draw,
                {world.draw("action lot", "person", "slot_no")} as lot_draw,
                {world.draw("action taken", "person", "slot_no")} as taken_draw,
                {world.draw("action brings", "person", "slot_no")} as brings_draw,
                cast({world.bits("action order", "person", "slot_no")} % {WINDOW_DAYS} as int)
                    as after_days
            from people
            cross join range({slots}) as slots (slot_no)
            where not is_anonymous and card_of is null and not is_prospect
        ),
        chosen as (
            select *, case {drawn} end as action, lot_draw < {CONTROL_SHARE} as is_control
            from slotted
            inner join days using (day_index)
            where action_draw < {total} and op_from >= joins_op
        ),
        decided as (
            select
                *,
                not ({CONSENTS}) as is_suppressed,
                {CONSENTS} and taken_draw < case
                    when is_control then {CROSSOVER_SHARE} else {TAKEN_SHARE}
                end as is_taken,
                case action {uplifts} end as uplift
            from chosen
        )
        select
            person, customer_id, slot_no, day_index, action, buys,
            is_control and not is_suppressed as is_control, is_suppressed, is_taken, uplift,
            buys and is_taken and brings_draw < uplift as brings_order,
            {FROM_ACTION} + cast(person as bigint) * {PER_ACTION} + slot_no as order_no,
            day_index + after_days as order_day_index
        from decided
    """)


def action_log(world: World, condition: str) -> str:
    """What was decided, as a campaign tool reports it."""
    costs = " ".join(f"when '{name}' then {values[3]}" for name, values in ACTIONS.items())
    return f"""
        select
            {DECISION_ID} as decision_id,
            action,
            customer_id,
            cast(first_day() + day_index as timestamp) + to_hours(9) as decided_at,
            case
                when is_suppressed then 'suppressed'
                when is_taken then 'taken'
                else 'not_taken'
            end as outcome,
            is_control,
            case when not is_suppressed then cast({CONTROL_SHARE} as decimal(18, 3)) end
                as control_share,
            case
                when is_suppressed then 'no consent'
                when is_control and not is_taken then 'control'
                when not is_taken then 'no time'
            end as reason,
            'crm' as action_owner,
            cast(case action {costs} end as decimal(18, 2)) as cost_amount,
            {WINDOW_DAYS} as window_days
        from action_decisions
        where {condition}
        order by decision_id
    """


DECISION_ID = "'A' || cast(person as varchar) || '-' || cast(slot_no as varchar)"
