"""Lots of points against a ledger played entry by entry, and the faults that other systems have."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from jinja2 import Environment, FileSystemLoader

FOLDER = Path(__file__).parents[3] / "models" / "marts" / "points"
MODELS = (
    *("intermediate/int_points_entries", "intermediate/int_points_lots"),
    *("intermediate/int_points_debits", "intermediate/int_points_uses"),
    *("intermediate/int_points_lot_pieces", "intermediate/int_points_movements"),
)
AS_OF = date(2024, 5, 1)
FAR = date(9999, 12, 31)

Parts = Counter[tuple[str | None, str | None, str]]
"""Points by lot, entry that took them, and state."""


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger."""

    entry_id: str
    account_id: str
    entry_type: str
    points: int
    entered_at: datetime
    order_id: str | None = None
    available_on: date | None = None
    expires_on: date | None = None
    lot_entry_id: str | None = None
    cost_amount: float | None = None
    external_id: str | None = None


def by_models(entries: list[Entry], orders: dict[str, str] | None = None) -> Parts:
    """What the models make of a ledger in DuckDB."""
    with duckdb.connect() as connection:
        connection.execute(f"create table as_of as select date '{AS_OF}' as as_of_date")
        connection.execute("create table fct_orders (order_id varchar, original_order_id varchar)")
        for order, original in (orders or {}).items():
            connection.execute("insert into fct_orders values (?, ?)", [order, original])
        connection.execute(
            "create table stg_loyalty__points (entry_id varchar, account_id varchar, entry_type "
            "varchar, points decimal(18, 2), entered_at timestamp, order_id varchar, available_on "
            "date, expires_on date, lot_entry_id varchar, cost_amount decimal(18, 2), external_id "
            "varchar)"
        )
        connection.executemany(
            f"insert into stg_loyalty__points values ({', '.join('?' * 11)})",
            [astuple(entry) for entry in entries],
        )
        connection.execute(
            "create table stg_loyalty__accounts as "
            "select distinct account_id, account_id as customer_id from stg_loyalty__points"
        )
        jinja = Environment(
            autoescape=False, loader=FileSystemLoader(FOLDER), extensions=["jinja2.ext.do"]
        )
        dbt = SimpleNamespace(
            dateadd=lambda part, number, day: f"({day} + {number} * interval 1 {part})",
            type_string=lambda: "varchar",
        )
        for model in MODELS:
            sql = jinja.get_template(f"{model}.sql").render(
                ref=lambda name: name, var=lambda _: 0, dbt=dbt
            )
            connection.execute(f"create table {Path(model).name} as {sql}")
        found = connection.execute(
            "select lot_entry_id, entry_id, points_state, points from int_points_movements"
        ).fetchall()
    return Counter({(lot, entry, state): int(points) for lot, entry, state, points in found})


def by_hand(entries: list[Entry]) -> Parts:
    """The same, entry by entry."""
    books_expiries = any(entry.entry_type == "expire" for entry in entries)
    accounts: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        accounts[entry.account_id].append(entry)
    parts: Parts = Counter()
    for of_account in accounts.values():
        _play(sorted(of_account, key=_when), parts, lapses=not books_expiries)
    return parts


def _when(entry: Entry) -> tuple[datetime, bool, str]:
    return entry.entered_at, entry.points < 0, entry.entry_id


def _play(entries: list[Entry], parts: Parts, *, lapses: bool) -> None:  # noqa: PLR0912
    left: dict[str, int] = {}
    expiry: dict[str, date] = {}
    debts: list[tuple[str, int]] = []

    def take(lot: str, entry: str, state: str, wanted: int) -> int:
        taken = min(wanted, left[lot])
        if taken:
            parts[lot, entry, state] += taken
            left[lot] -= taken
        return wanted - taken

    for entry in entries:
        for lot, day in expiry.items():
            if lapses and datetime.combine(day, time()) <= entry.entered_at and day < AS_OF:
                take(lot, f"due-{lot}", "expired", left[lot])
        points, name = abs(entry.points), entry.entry_id
        if entry.points > 0:
            left[name], expiry[name] = points, entry.expires_on or FAR
            debts = [(debt, take(name, debt, "reversed", owed)) for debt, owed in debts]
            continue
        state = {"redeem": "spent", "expire": "expired"}.get(entry.entry_type, "reversed")
        if entry.lot_entry_id:
            points = take(entry.lot_entry_id, name, state, points)
        for lot in sorted(left, key=lambda lot: expiry[lot]):
            points = take(lot, name, state, points)
        if state == "reversed":
            debts.append((name, points))
        elif points:
            parts[None, name, "never_earned"] += points
    for lot, day in expiry.items():
        if lapses and day < AS_OF:
            take(lot, f"due-{lot}", "expired", left[lot])
        if left[lot]:
            parts[lot, None, "active"] += left[lot]
    for debt, owed in debts:
        if owed:
            parts[None, debt, "owed"] += owed


@pytest.mark.parametrize(
    ("books_expiries", "takes_back", "is_mixed", "overdraws"),
    [
        (True, True, False, False),  # points are taken back after they were spent
        (True, False, True, True),  # lots that expire before older ones
        (False, False, False, False),  # points expire by their date
    ],
)
def test_lots_are_those_of_a_ledger_played_entry_by_entry(
    books_expiries: bool, takes_back: bool, is_mixed: bool, overdraws: bool
) -> None:
    draw = random.Random(7)
    entries = [
        Entry("first", "a", "earn", 10, datetime(2024, 1, 1)),
        Entry("booked", "a", "expire", -10, datetime(2024, 1, 2)),
    ][: 2 if books_expiries else 0]
    for account in range(300):
        clock, lots, balance = datetime(2024, 1, 1), [], 0
        for number in range(draw.randint(3, 14)):
            clock += timedelta(days=draw.randint(0, 8), seconds=draw.randint(1, 5000))
            name, kind = f"{account}-{number:02}", draw.random()
            points = 10 * draw.randint(1, 12)
            expires_on, lot = None, None
            if kind < 0.5 or not lots:
                entry_type = "earn"
                life = draw.choice([20, 40, 80, None]) if is_mixed else 60
                expires_on = clock.date() + timedelta(days=life) if life else None
                lots.append((name, points))
            elif takes_back and kind < 0.7:
                entry_type = "adjust"
                lot, points = lots.pop(draw.randrange(len(lots)))
                points = -points
            else:
                entry_type = "expire" if books_expiries and kind > 0.9 else "redeem"
                points = -points if overdraws else -min(points, max(0, balance))
                # What is redeemed after it expired is another story: nobody knows what was left.
                if not books_expiries and clock > datetime(2024, 2, 20):
                    points = 0
            if points:
                balance += points
                entries.append(
                    Entry(
                        *(name, str(account), entry_type, points, clock),
                        expires_on=expires_on,
                        lot_entry_id=lot,
                    )
                )
    assert by_models(entries) == by_hand(entries)


def test_five_faults_of_points_in_other_systems() -> None:
    day = [datetime(2024, 4, number, 12) for number in range(1, 29)]
    found = by_models(
        [
            Entry("x", "booked", "earn", 1, day[0]),
            Entry("x-out", "booked", "expire", -1, day[1]),
            # A debit is paired with the credits that it consumes, the older first.
            Entry("a1", "a", "earn", 100, day[0], "o1", expires_on=date(2025, 4, 1)),
            Entry("a2", "a", "earn", 100, day[1], "o2", expires_on=date(2025, 4, 2)),
            Entry("a-spend", "a", "redeem", -130, day[2], "o3"),
            # A refund takes its points along: by the order that it gives back, not the oldest.
            Entry("b1", "b", "earn", 100, day[0], "o4"),
            Entry("b2", "b", "earn", 50, day[1], "o5"),
            Entry("b-back", "b", "adjust", -50, day[2], "refund-of-o5", external_id="R-1"),
            # A redemption consumes whatever document it is on: a voucher, none at all.
            Entry("c1", "c", "earn", 100, day[0], "o6"),
            Entry("c-voucher", "c", "redeem", -60, day[1], "voucher-1"),
            Entry("c-none", "c", "redeem", -30, day[2]),
            # What is redeemed, or given back, is not earned: it cannot count towards a tier.
            Entry("d1", "d", "earn", 100, day[0], "o7"),
            Entry("d-spend", "d", "redeem", -100, day[1]),
            Entry("d-given-back", "d", "redeem", 100, day[2]),
            # A movement counts at once: the points were spent when they are taken back; the next
            # lot pays, and what it cannot pay is owed.
            Entry("e1", "e", "earn", 100, day[0], "o8"),
            Entry("e-spend", "e", "redeem", -100, day[1]),
            Entry("e-back", "e", "earn", -100, day[2], "o8"),
            Entry("e2", "e", "earn", 40, day[3], "o9"),
            # Points that were never earned are not filled up by later ones.
            Entry("f-spend", "f", "redeem", -70, day[0]),
            Entry("f1", "f", "earn", 100, day[1]),
        ],
        {"refund-of-o5": "o5"},
    )
    assert found == {
        ("x", "x-out", "expired"): 1,
        ("a1", "a-spend", "spent"): 100,
        ("a2", "a-spend", "spent"): 30,
        ("a2", None, "active"): 70,
        ("b1", None, "active"): 100,
        ("b2", "b-back", "reversed"): 50,
        ("c1", "c-voucher", "spent"): 60,
        ("c1", "c-none", "spent"): 30,
        ("c1", None, "active"): 10,
        ("d1", "d-spend", "spent"): 100,
        ("d-given-back", None, "active"): 100,
        ("e1", "e-spend", "spent"): 100,
        ("e2", "e-back", "reversed"): 40,
        (None, "e-back", "owed"): 60,
        (None, "f-spend", "never_earned"): 70,
        ("f1", None, "active"): 100,
    }
