"""The loyalty programme of a world: members, tiers by points of the year before, and the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from landing.world.purchases import add_tier_orders
from landing.world.spec import World

POINTS_LAST_DAYS = 365
"""A lot expires so many days after it was earned; on that day it can no longer be used."""
POINTS_WAIT_DAYS = 7
"""Days until points can be spent: those of the balance with which the ledger begins at once, all
others alike, so that what is used first is what was there first."""
POINT_COST = 0.01
NEVER_REDEEMS_SHARE = 0.15
GOODWILL_SHARE = 0.02
GOODWILL_POINTS = 100

ENTRY_TYPES = {
    "E": "earn",
    "O": "opening",
    "G": "adjust",
    "R": "redeem",
    "X": "expire",
    "B": "adjust",
}
"""Of the letters with which the numbers of entries begin: G is goodwill, B what is taken back."""

TIERS: tuple[tuple[str, int, float], ...] = (
    ("basic", 0, 0.0),
    ("silver", 1_000, 0.08),
    ("gold", 2_500, 0.16),
)
"""Name, points earned in a calendar year from which a member has it in the next one, and its
effect: purchase days that it brings, of those of the member's own rhythm."""


def make_members(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create members, with the probability that an order of theirs redeems, and tier_years."""
    connection.execute(f"""
        create table members as
        select
            people.person, customer_id, 'A' || substr(customer_id, 2) as account_id, rate,
            left_day_index, enrolled_day_index,
            case when enrolled_day_index < 0 and dice(people.person, 71) % 10 < 6
                then cast(50 + dice(people.person, 72) % 400 as int) else 0 end as opening_points,
            case when {world.draw("never redeems", "people.person")} < {NEVER_REDEEMS_SHARE} then 0
                else 0.004 + 0.04 * power({world.draw("redeems", "people.person")}, 2)
                end as redeems_share
        from people
        left join departed using (person)
        where enrolled_day_index < {world.days}
    """)
    connection.execute("""
        create table tier_years (
            person int, first_year int, qualifying_points bigint, tier varchar, effect double
        )
    """)
    connection.execute("create table all_tier_years as from tier_years")


def turn_year(connection: duckdb.DuckDBPyConnection, world: World, first: int) -> None:
    """Give tiers by the points of the calendar year before a day, and add what they bring.

    Needs the values of the orders before that day.
    """
    day = world.first_day + timedelta(days=first)
    start = (date(day.year - 1, 1, 1) - world.first_day).days
    last = min(world.days - 1, (date(day.year, 12, 31) - world.first_day).days)
    tier, effect = (
        "case "
        + " ".join(
            f"when qualifying_points >= {row[1]} then {row[at]!r}" for row in reversed(TIERS)
        )
        + " end"
        for at in (0, 2)
    )
    connection.execute(f"""
        create or replace table tier_years as
        with earned as (
            select payer as person, sum({_points()}) as points
            from orders
            inner join order_values using (order_no)
            inner join members on orders.payer = members.person
            where {_earns()} and day_index >= {start} and day_index < {first}
            group by payer
        ),
        qualifying as (
            select members.person, cast(coalesce(points, 0) as bigint) as qualifying_points
            from members
            left join earned using (person)
            where enrolled_day_index < {first}
        )
        select
            person, {day.year} as first_year, qualifying_points, {tier} as tier,
            cast({effect} as double) as effect
        from qualifying
    """)
    connection.execute("insert into all_tier_years from tier_years")
    if last >= first:
        add_tier_orders(connection, world, first, last)


def make_points(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create lots and point_entries; needs the values of all orders and what came back.

    At some of their orders a member redeems all points that can be spent. So the next such order
    from the day on which a lot can be spent redeems it, unless it has expired, and first in, first
    out holds. Points of what is returned are taken back; where they were spent, what there is or
    comes next makes up for them, whether it can be spent yet or not.
    """
    connection.execute(f"""
        create table redemptions as
        select
            payer as person, order_no, day_index, second_of_day,
            day_index * 86400 + second_of_day as clock
        from orders
        inner join members on orders.payer = members.person
        where {_earns()} and {world.draw("redeems", "order_no")} < redeems_share
    """)
    connection.execute(f"""
        create table lots as
        with added as (
            select
                'E' as letter, order_no as number, payer as person,
                cast({_points()} as int) as points, day_index,
                -- What an order earns, it cannot redeem.
                second_of_day + 1 as second_of_day,
                day_index + {POINTS_LAST_DAYS} as expires_index,
                day_index + {POINTS_WAIT_DAYS} as available_index
            from orders
            inner join members on orders.payer = members.person
            inner join order_values using (order_no)
            where {_earns()} and value >= 1
            union all
            select
                'O', person, person, opening_points, 0, 0,
                cast(30 + dice(person, 74) % {POINTS_LAST_DAYS - 30} as int), null
            from members
            where opening_points > 0
            union all
            select
                'G', person, person, {GOODWILL_POINTS}, goodwill_index, 36000,
                goodwill_index + {POINTS_LAST_DAYS}, goodwill_index + {POINTS_WAIT_DAYS}
            from (
                select *, cast(dice(person, 75) % {world.days} as int) as goodwill_index
                from members
            )
            where {world.draw("goodwill", "person")} < {GOODWILL_SHARE}
                and goodwill_index > enrolled_day_index
        ),
        timed as (
            select
                *, day_index * 86400 + second_of_day as clock,
                coalesce(available_index * 86400, day_index * 86400 + second_of_day)
                    as available_clock
            from added
        )
        select
            timed.* exclude (available_clock),
            case when redemptions.day_index < expires_index then redemptions.order_no end
                as redeemed_by,
            case when redemptions.day_index < expires_index then redemptions.day_index end
                as redeemed_index,
            redemptions.clock as next_clock
        from timed
        asof left join redemptions
            on timed.person = redemptions.person and timed.available_clock < redemptions.clock
    """)
    connection.execute("""
        create table reversals as
        with back as (
            select order_no, floor(sum(price * quantity)) as points
            from returned_lines
            where line_no = 0 or dice(hash(order_no, line_no), 53) % 10 < 2
            group by order_no
        )
        select
            lots.person, returned.order_no, cast(least(back.points, lots.points) as int) as points,
            returned_day_index as day_index, 80000 as second_of_day,
            returned_day_index * 86400 + 80000 as clock,
            coalesce(redeemed_index, 1e9) <= returned_day_index as is_spent
        from lots
        inner join returned on letter = 'E' and lots.number = returned.order_no
        inner join back using (order_no)
        where document = 'R' and back.points >= 1 and returned_day_index < expires_index
    """)
    connection.execute("""
        create table lot_ends as
        with debts as (
            select
                reversals.person, coalesce(redemptions.clock, 1e12) as next_clock,
                sum(points) as debt
            from reversals
            asof left join redemptions
                on reversals.person = redemptions.person and reversals.clock < redemptions.clock
            where is_spent
            group by all
        ),
        taken as (
            select order_no, sum(points) as points
            from reversals
            where not is_spent
            group by order_no
        ),
        remaining as not materialized (
            select
                letter, number, person, lots.points, day_index, expires_index, available_index,
                redeemed_by, clock, coalesce(next_clock, 1e12) as next_clock,
                cast(lots.points - coalesce(taken.points, 0) as int) as remaining
            from (select *, case when letter = 'E' then number end as order_no from lots) as lots
            left join taken using (order_no)
        ),
        -- Of those who owe, lots that the same order could redeem, and what they have to give.
        spans as (
            select person, next_clock, sum(debt) as debt, sum(debt) - sum(given) as less
            from (
                select person, next_clock, debt, 0 as given from debts
                union all
                select person, next_clock, 0, remaining
                from remaining
                where person in (select person from debts)
            )
            group by person, next_clock
        ),
        run as (
            select *, sum(less) over (partition by person order by next_clock) as balance
            from spans
        ),
        -- What a span cannot give is owed by the next one.
        owing as (
            select
                *, balance - least(0, min(balance) over (partition by person order by next_clock))
                    as still_owed
            from run
        ),
        owed as (
            select
                person, next_clock,
                debt + coalesce(lag(still_owed) over (partition by person order by next_clock), 0)
                    as debt
            from owing
        ),
        eaten as (
            select
                letter, number,
                cast(least(remaining, greatest(0, debt - coalesce(sum(remaining) over (
                    partition by remaining.person, remaining.next_clock
                    order by clock, letter, number
                    rows between unbounded preceding and 1 preceding
                ), 0))) as int) as points
            from remaining
            inner join owed
                on remaining.person = owed.person and remaining.next_clock = owed.next_clock
            where debt > 0
        )
        select
            remaining.* exclude (clock, next_clock),
            remaining - coalesce(eaten.points, 0) as ending
        from remaining
        left join eaten using (letter, number)
    """)
    connection.execute(f"""
        create table point_entries as
        select
            letter, number, person, points, day_index, second_of_day, expires_index,
            available_index, cast(null as varchar) as lot_letter, null as lot_number
        from lots
        union all
        select
            'R', redeemed_by, lot_ends.person, cast(-sum(ending) as int),
            any_value(redemptions.day_index), any_value(redemptions.second_of_day),
            null, null, null, null
        from lot_ends
        inner join redemptions on redeemed_by = redemptions.order_no
        group by redeemed_by, lot_ends.person
        having sum(ending) > 0
        union all
        select
            'X', number, person, -ending, expires_index, 0, null, null, letter, number
        from lot_ends
        where redeemed_by is null and expires_index < {world.days} and ending > 0
        union all
        select
            'B', order_no, person, -points, day_index, second_of_day, null, null, 'E', order_no
        from reversals
    """)


def _points() -> str:
    return "floor(value)"


def _earns() -> str:
    """SQL for the orders that count for a member."""
    return (
        "order_status not in ('cancelled', 'test') and not is_card_forgotten "
        "and not is_anonymous and day_index >= enrolled_day_index"
    )
