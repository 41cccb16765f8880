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
from landing.suppression import Suppression
from landing.world import baskets, tables
from landing.world.catalogue import (
    PRODUCTS_PER_CATEGORY,
    make_catalogue,
    shelf_prices_query,
    shelf_query,
)
from landing.world.dirt import spoil
from landing.world.identities import make_identities
from landing.world.loyalty import make_members, make_points, turn_year
from landing.world.people import make_people
from landing.world.purchases import FROM_TIER, make_purchases
from landing.world.spec import World
from landing.world.truth import write_truth
from landing.write import (
    Extract,
    LandingResult,
    OnTable,
    digest,
    write_landing,
    write_query,
)

LINES_AT_ONCE = 3_000_000
"""Order lines of a batch, about."""

FAST_PARQUET = "format parquet, compression snappy, dictionary_size_limit 1000"
"""Identifiers are nearly all different: looking for those that repeat costs more than it saves."""

OnMonth = Callable[[str], None]


def land_world(
    landing_dir: Path,
    world: World,
    truth_dir: Path,
    *,
    force: bool = False,
    on_table: OnTable | None = None,
    on_month: OnMonth | None = None,
    suppression: Suppression | None = None,
) -> LandingResult:
    """Land ``world`` in ``landing_dir`` and write what is true in it to ``truth_dir``.

    The same world gives the same rows at any number of threads; what has landed already is not
    made again, unless ``force``. ``on_month`` is told of progress; whom ``suppression`` lists stays
    out. Raises ``WorldError`` if something that is to be changed is not in the world.
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
            suppression=suppression,
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
            person, left_day_index, last_order_no, last_experience,
            {reason} as left_reason,
            case last_experience
                when 'late' then 'late delivery'
                when 'price' then 'too high'
                else {tables.sub_reason(reason, "dice(person, 62)")}
            end as left_sub_reason
        from departures
        where left_day_index < {world.days}
    """)
    make_members(connection, world)
    make_identities(connection, world)
    connection.execute(f"create table returned as {_returned(world, 'true')}")


def _add_returned(connection: duckdb.DuckDBPyConnection, world: World, first: int) -> None:
    """Of the orders that tiers bring in a year that begins."""
    of_tier = f"order_no >= {FROM_TIER} and day_index >= {first}"
    connection.execute(f"insert into returned {_returned(world, of_tier)}")


def _returned(world: World, condition: str) -> str:
    share = world.parameters.returns_share
    return f"""
        with drawn as (
            select
                order_no, day_index, experience,
                {world.draw("returned", "order_no")} as drawn,
                {world.draw("returned after", "order_no")} as after_draw
            from orders
            where order_status not in ('cancelled', 'test') and not is_anonymous and {condition}
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
    """


def put_on_shelf(
    connection: duckdb.DuckDBPyConnection, world: World, first_week: int, last_week: int
) -> None:
    """Create what lines are chosen from in some weeks: shelf and shelf_prices."""
    for name, query in {
        "shelf": shelf_query(world, first_week, last_week),
        "shelf_prices": shelf_prices_query(first_week, last_week),
    }.items():
        connection.execute(f"create or replace temp table {name} as {query}")


def months(world: World) -> list[tuple[str, int, int]]:
    """The name of each month, with the index of its first and last day in the world."""
    found, start = [], world.first_day
    while start <= world.last_day:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(following - timedelta(days=1), world.last_day)
        found.append((f"{start:%Y-%m}", _index(world, start), _index(world, end)))
        start = following
    return found


def years(world: World) -> list[tuple[str, int, int]]:
    """The name of each year, with the index of its first and last day in the world."""
    return [
        (
            str(year),
            max(0, _index(world, date(year, 1, 1))),
            min(world.days - 1, _index(world, date(year, 12, 31))),
        )
        for year in range(world.first_day.year, world.last_day.year + 1)
    ]


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
                if month.endswith("-01") and first > 0:
                    turn_year(connection, world, first)
                    _add_returned(connection, world, first)
                monday = world.first_day.weekday()
                weeks = (first + monday) // 7, (last + monday) // 7
                put_on_shelf(connection, world, *weeks)
                of_month = f"day_index between {first} and {last}"
                for part in range(parts):
                    of_part = (
                        f"{of_month} and order_no % {parts} = {part}" if parts > 1 else of_month
                    )
                    self._baskets(connection, _named(month, part, parts), of_part)
                if self.on_month:
                    self.on_month(month)
            after = world.landed_on
            if (after.month, after.day) == (1, 1):
                turn_year(connection, world, world.days)
            self._after_sales(connection)
            make_points(connection, world)
            connection.execute(f"create table sheets as {tables.sheets_query(world)}")
            for year, first, last in years(world):
                for table, query in tables.YEARLY:
                    self._copy(
                        connection,
                        table,
                        year,
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
        # The order in which the joins are written is the best one; sizes are guessed wrongly.
        connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        connection.execute(
            f"create or replace temp table lines as {baskets.lines_query(world, 'wanted', 'shelf')}"
        )
        connection.execute("reset disabled_optimizers")
        connection.execute("""
            create or replace temp table batch_values as
            select order_no, cast(sum(price * quantity) as decimal(18, 2)) as value
            from lines
            group by order_no
        """)
        for table, query in {
            "order_values": "from batch_values",
            "returned_lines": "from lines where order_no in (select order_no from returned)",
            "category_lines": f"select product_no // {PRODUCTS_PER_CATEGORY} as category_no, "
            "type_no, count(*) as lines, count(*) filter (where gives_way) as giving_way "
            "from lines group by category_no, type_no",
        }.items():
            connection.execute(f"create table if not exists {table} as from ({query}) limit 0")
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
        write_query(connection, table, query, self._path(table, batch), FAST_PARQUET)


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
        *((table, year) for table, _ in tables.YEARLY for year, _, _ in years(world)),
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
