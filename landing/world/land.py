"""Lands a world: makes it when it is needed, month by month, and writes down its truth."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from landing import contract
from landing.contract import Table
from landing.engine import connect
from landing.world import baskets, tables
from landing.world.catalogue import make_catalogue, shelf_query
from landing.world.dirt import spoil
from landing.world.people import make_people
from landing.world.purchases import make_purchases
from landing.world.spec import World
from landing.world.truth import write_truth
from landing.write import (
    Extract,
    LandingResult,
    OnTable,
    digest,
    quote,
    write_landing,
    write_query,
)

LINES_AT_ONCE = 3_000_000
"""Order lines of a batch, about."""

OnMonth = Callable[[str], None]


def land_world(
    landing_dir: Path,
    world: World,
    truth_dir: Path,
    *,
    force: bool = False,
    on_table: OnTable | None = None,
    on_month: OnMonth | None = None,
) -> LandingResult:
    """Land ``world`` in ``landing_dir`` and write what is true in it to ``truth_dir``.

    The same world gives the same rows at any number of threads; what has landed already is not
    made again, unless ``force``. ``on_month`` is told of progress. Raises ``WorldError`` if
    something that is to be changed is not in the world.
    """
    making = _Making(landing_dir.parent / ".world", truth_dir, world, on_month)
    with making.cleared():
        return write_landing(
            landing_dir,
            _extracts(world, making),
            landed_on=world.landed_on,
            time_zone=tables.TIME_ZONE,
            currency=tables.CURRENCY,
            force=force or not (truth_dir / "people.parquet").exists(),
            on_table=on_table,
        )


def make_world(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create everything but baskets as tables: days, people, orders, departures and the rest."""
    connection.execute(f"create or replace macro first_day() as date '{world.first_day}'")
    # A number of 64 bits by an identifier and the number of a purpose (see ``World.bits``).
    connection.execute(
        "create or replace macro dice(id, purpose) as "
        f"hash(xor(hash(id), hash(purpose + {world.seed << 20})))"
    )
    make_catalogue(connection, world)
    make_people(connection, world)
    make_purchases(connection, world)
    connection.execute("""
        create table people_joined as
        with asked as (
            select *, cast(dice(person, 61) % greatest(1, person) as int) as asked_no
            from people
        )
        select
            asked.* exclude (asked_no),
            case when asked.person > 0 then referrer.customer_id end as referrer_id
        from asked
        left join (
            select person, customer_id from people where is_opening and card_of is null
                and not is_anonymous
        ) as referrer
            on asked.asked_no = referrer.person
    """)
    reason = (
        "case last_experience when 'late' then 'service' when 'none' then 'competitor' "
        "else last_experience end"
    )
    connection.execute(f"""
        create table departed as
        select
            person, left_day_index, last_order_no,
            {reason} as left_reason,
            {tables.sub_reason(reason, "dice(person, 62)")} as left_sub_reason
        from departures
        where left_day_index < {world.days}
    """)
    share = world.parameters.returns_share
    connection.execute(f"""
        create table returned as
        with drawn as (
            select
                order_no, day_index, experience,
                {world.draw("returned", "order_no")} as drawn,
                {world.draw("returned after", "order_no")} as after_draw
            from orders
            where order_status not in ('cancelled', 'test') and not is_anonymous
        )
        select
            order_no,
            case when drawn < {share} * 0.1 then 'X' else 'R' end as document,
            cast(day_index + 1 + floor(-ln(1 - after_draw) * 6)
                + case when dice(order_no, 63) % 20 = 0 then 90 else 0 end as int)
                    as returned_day_index
        from drawn
        where drawn < {share} * case when experience = 'product' then 40 else 1 end
            and day_index + 1 + floor(-ln(1 - after_draw) * 6)
                + case when dice(order_no, 63) % 20 = 0 then 90 else 0 end < {world.days}
    """)


def months(world: World) -> list[tuple[str, int, int]]:
    """The name of each month, with the index of its first and last day in the world."""
    found, start = [], world.first_day
    while start <= world.last_day:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(following - timedelta(days=1), world.last_day)
        found.append((f"{start:%Y-%m}", _index(world, start), _index(world, end)))
        start = following
    return found


def _index(world: World, day: date) -> int:
    return (day - world.first_day).days


def _parts(world: World) -> int:
    """Into how many batches the orders of a month are split."""
    p = world.parameters
    of_month = world.customers * p.rate_mean / 12 * p.basket_median * 1.9
    return max(1, round(of_month / LINES_AT_ONCE))


@dataclass
class _Making:
    """A world in a database of its own, and its tables as files; made when one is asked for."""

    where: Path
    truth_dir: Path
    world: World
    on_month: OnMonth | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_made: bool = False

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Nothing is left behind, before and after."""
        shutil.rmtree(self.where, ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(self.where, ignore_errors=True)

    def write(self, table: Table, batch: str) -> Callable[[duckdb.DuckDBPyConnection, Path], None]:
        """What puts a batch where it is wanted."""

        def put(_: duckdb.DuckDBPyConnection, path: Path) -> None:
            with self.lock:
                if not self.is_made:
                    self._make()
                    self.is_made = True
            self._path(table, batch).rename(path)

        return put

    def _path(self, table: Table, batch: str) -> Path:
        return self.where / f"{table.name}.{batch}.parquet"

    def _make(self) -> None:
        self.where.mkdir(parents=True)
        world = self.world
        with connect(self.where / "making.duckdb") as connection:
            make_world(connection, world)
            parts = _parts(world)
            for month, first, last in months(world):
                monday = world.first_day.weekday()
                shelf = shelf_query(world, (first + monday) // 7, (last + monday) // 7)
                connection.execute(f"create or replace temp table shelf as {shelf}")
                of_month = f"day_index between {first} and {last}"
                for part in range(parts):
                    of_part = (
                        f"{of_month} and order_no % {parts} = {part}" if parts > 1 else of_month
                    )
                    self._baskets(connection, _named(month, part, parts), of_part)
                if self.on_month:
                    self.on_month(month)
            self._after_sales(connection)
            connection.execute(point_entries(world))
            for month, first, last in months(world):
                for table, query in tables.MONTHLY:
                    self._copy(
                        connection,
                        table,
                        month,
                        query(world, f"day_index between {first} and {last}"),
                    )
            for table, batch, query in tables.SMALL:
                self._copy(connection, table, batch or table.name, query(world, "true"))
            write_truth(connection, world, self.truth_dir)
        if world.dirt:
            with connect() as connection:
                spoil(connection, world, self.where, self.truth_dir)

    def _baskets(self, connection: duckdb.DuckDBPyConnection, batch: str, condition: str) -> None:
        world = self.world
        connection.execute(
            f"create or replace temp table wanted as {baskets.wanted_query(world, condition)}"
        )
        connection.execute(
            f"create or replace temp table lines as {baskets.lines_query(world, 'wanted', 'shelf')}"
        )
        for table, query in {
            "order_values": "select order_no, sum(price * quantity) as value from lines "
            "group by order_no",
            "returned_lines": "select * from lines where order_no in "
            "(select order_no from returned)",
            "category_lines": "select category_no, type_no, count(*) as lines, "
            "count(*) filter (where gives_way) as giving_way from lines "
            "group by category_no, type_no",
        }.items():
            connection.execute(f"create table if not exists {table} as {query} limit 0")
            connection.execute(f"insert into {table} {query}")
        self._copy(connection, contract.ORDER_LINES, batch, baskets.landed_lines_query("lines"))
        self._copy(connection, contract.ORDERS, batch, tables.orders(world, condition))
        self._copy(connection, contract.PAYMENTS, batch, tables.payments(world, condition))

    def _after_sales(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._copy(connection, contract.ORDERS, AFTER_SALES, tables.after_sales_orders(self.world))
        self._copy(
            connection, contract.ORDER_LINES, AFTER_SALES, tables.after_sales_lines(self.world)
        )

    def _copy(
        self, connection: duckdb.DuckDBPyConnection, table: Table, batch: str, query: str
    ) -> None:
        write_query(connection, table, query, self._path(table, batch))


AFTER_SALES = "after_sales"


def _named(month: str, part: int, parts: int) -> str:
    return month if parts == 1 else f"{month}_{part + 1:03d}"


def _extracts(world: World, making: _Making) -> list[Extract]:
    code = digest(*sorted(Path(__file__).parent.glob("*.py")))
    parts = _parts(world)
    split = [_named(month, part, parts) for month, _, _ in months(world) for part in range(parts)]
    batches = [
        *(
            (table, batch)
            for table in (contract.ORDERS, contract.ORDER_LINES)
            for batch in (*split, AFTER_SALES)
        ),
        *((contract.PAYMENTS, batch) for batch in split),
        *((table, month) for table, _ in tables.MONTHLY for month, _, _ in months(world)),
        *((table, batch or table.name) for table, batch, _ in tables.SMALL),
    ]
    return [
        Extract(
            table,
            f"world: {world.customers} customers, seed {world.seed}",
            digest(code, table, batch, world.fingerprint),
            making.write(table, batch),
            batch=batch,
        )
        for table, batch in batches
    ]


def point_entries(world: World) -> str:
    """SQL that creates members and point_entries (see ``tables.points``)."""
    reward = tables.POINTS_PER_REWARD
    return f"""
        create table members as
        select
            people.person, customer_id, 'A' || substr(customer_id, 2) as account_id, rate,
            left_day_index,
            (select min(day_index) from days where op_to > joins_op) as enrolled_day_index,
            case when is_opening and dice(people.person, 71) % 10 < 3
                then cast(50 + dice(people.person, 72) % 400 as int) else 0 end as opening_points
        from people
        left join departed using (person)
        where not is_anonymous and card_of is null
            and {world.draw("member", "people.person")} < 0.85;

        create table point_entries as
        with earned as (
            select
                members.person, account_id, order_no, day_index, second_of_day,
                floor(value) as points
            from orders
            inner join members on orders.payer = members.person
            inner join order_values using (order_no)
            where order_status not in ('cancelled', 'test') and not is_card_forgotten and value >= 1
            union all
            select person, account_id, -1, enrolled_day_index, 0, opening_points
            from members
            where opening_points > 0
        ),
        running as (
            select
                *,
                sum(points) over (partition by person order by day_index, second_of_day,
                order_no) as total
            from earned
        ),
        crossing as (
            select
                *,
                lag(day_index, 1, 0) over (partition by person order by day_index, second_of_day,
                order_no)
                    as crossed_before
            from running
            where floor(total / {reward}) > floor((total - points) / {reward})
        ),
        redeemed as (
            select person, account_id, order_no, day_index, second_of_day
            from crossing
            where order_no >= 0 and day_index - crossed_before < {tables.POINTS_LAST_DAYS} - 31
                and dice(order_no, 73) % 10 < 7
        ),
        month_ends as (
            select
                day_index, day,
                (select max(earlier.day_index) from days as earlier
                    where earlier.day <= last_day(days.day - interval 12 month)) as old_day_index
            from days
            where day = last_day(day)
        ),
        monthly as (
            select
                person, account_id, last_day(first_day() + cast(day_index as int)) as day,
                sum(points) as earned, 0 as redeemed
            from earned
            group by all
            union all
            select
                person, account_id, last_day(first_day() + cast(day_index as int)), 0,
                count(*) * {reward}
            from redeemed
            group by all
        ),
        members_by_month as (
            select members.person, members.account_id, month_ends.day_index, month_ends.day
            from members
            cross join month_ends
        ),
        summed as (
            select person, day, sum(earned) as earned, sum(redeemed) as redeemed
            from monthly
            group by person, day
        ),
        course as (
            select
                m.person, m.account_id, m.day_index,
                sum(coalesce(old.earned, 0)) over running
                    - sum(coalesce(now.redeemed, 0)) over running as excess
            from members_by_month as m
            left join summed as old on m.person = old.person
                and old.day = last_day(m.day - interval 12 month)
            left join summed as now on m.person = now.person and now.day = m.day
            window running as (partition by m.person order by m.day_index)
        ),
        expired as (
            select
                *,
                greatest(0, max(excess) over (partition by person order by day_index)) as until_now
            from course
        ),
        expiring as (
            select
                person, account_id, day_index,
                until_now - lag(until_now, 1, 0) over (partition by person order by day_index)
                    as points
            from expired
        )
        select
            case when order_no < 0
                then 'OPEN-' || cast(person as varchar) else 'E' || cast(order_no as varchar) end
                as entry_id,
            person, account_id,
            case when order_no < 0 then 'opening' else 'earn' end as entry_type,
            cast(points as bigint) as points, day_index, second_of_day,
            case when order_no >= 0 then cast(order_no as varchar) end as order_id
        from earned
        union all
        select
            'R' || cast(order_no as varchar), person, account_id, 'redeem', -{reward}, day_index,
            second_of_day + 1,
            cast(order_no as varchar)
        from redeemed
        union all
        select
            'X' || cast(person as varchar) || '-' || cast(day_index as varchar), person,
            account_id, 'expire',
            cast(-points as bigint), day_index, 82800, null
        from expiring
        where points > 0
    """


def truth_path(truth_dir: Path, name: str) -> str:
    """SQL that reads a table of the truth."""
    return f"read_parquet({quote(truth_dir / f'{name}.parquet')})"
