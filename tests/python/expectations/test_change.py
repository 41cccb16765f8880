"""What moved since before: what time makes grow is none, what is lost is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.change import Limits, Moved, accept
from expectations.landing import change
from expectations.landing.change import (
    KEPT_LANDINGS,
    Profile,
    remembered,
    validate_landing_changes,
)
from expectations.marts.change import (
    Figures,
    Published,
    change_suites,
    validate_mart_changes,
)
from expectations.validate import Finding, TableValidation
from landing import contract
from landing.write import Extract, write_landing

LIMITS = Limits(warn=0.2, block=0.5, least_rows=30)
FIRST_DAY = date(2023, 1, 1)
BEFORE = date(2025, 1, 1)
HISTORY_DAYS = (BEFORE - FIRST_DAY).days


def _marts(path: Path, orders: int, *, price: str = "1.00", other: str = "0.00") -> Path:
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_orders as select cast(i as varchar) as order_id, "
            f"date '{FIRST_DAY}' as order_date, cast({price} as decimal(18, 2)) as net_revenue, "
            f"cast({other} as decimal(18, 2)) as other, 5.0::double as score "
            f"from range({orders}) as r(i)"
        )
    return path


Compare = Callable[..., TableValidation | None]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """The one mart, of so many orders before and now."""

    def run(
        before: int,
        now: int,
        *,
        days: int = 0,
        prices: tuple[str, str] = ("1.00", "1.00"),
        others: tuple[str, str] = ("0.00", "0.00"),
    ) -> TableValidation | None:
        version = Published(
            "v1",
            BEFORE,
            _marts(tmp_path / "v1.duckdb", before, price=prices[0], other=others[0]),
        )
        warehouse = _marts(tmp_path / "now.duckdb", now, price=prices[1], other=others[1])
        columns = {"fct_orders": ["order_id", "order_date", "net_revenue", "other", "score"]}
        found = validate_mart_changes(
            warehouse, version, BEFORE + timedelta(days=days), columns, LIMITS
        )
        return found[0] if found else None

    return run


def _severities(outcome: TableValidation | None) -> set[tuple[str | None, str]]:
    assert outcome is not None
    return {(finding.column, finding.severity) for finding in outcome.findings}


BOTH = {(None, "warning"), ("net_revenue", "warning")}
BLOCKED = {(None, "critical"), ("net_revenue", "critical")}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (1000, set()),
        *((800, set()), (799, BOTH), (500, BOTH), (499, BLOCKED), (0, BLOCKED)),
        *((1200, set()), (1201, BOTH), (1500, BOTH), (1501, BLOCKED)),
    ],
)
def test_rows_and_totals_at_and_beyond_each_threshold(
    compare: Compare, now: int, found: set[tuple[str | None, str]]
) -> None:
    assert _severities(compare(1000, now)) == found


def test_a_finding_says_before_after_and_the_way_out(compare: Compare) -> None:
    outcome = compare(1000, 400, prices=("1.25", "1.25"))
    assert outcome is not None
    assert [str(finding) for finding in outcome.blocking] == [
        "marts.fct_orders: expected that its number of rows is within 20% of 1,000, as in version "
        "v1 (as of 2025-01-01); beyond 50% nothing goes on (if it is meant, say why with "
        "--accept-change or LIFECYCLE_ACCEPT_CHANGE and run again), found 400",
        "marts.fct_orders.net_revenue: expected that its total is within 20% of 1,250, as in "
        "version v1 (as of 2025-01-01); beyond 50% nothing goes on (if it is meant, say why with "
        "--accept-change or LIFECYCLE_ACCEPT_CHANGE and run again), found 500",
    ]


def test_time_makes_a_history_grow_and_excuses_no_loss(compare: Compare) -> None:
    assert _severities(compare(1000, 1000, days=1)) == set()
    half_a_year = HISTORY_DAYS // 4
    in_line = 1000 * (HISTORY_DAYS + half_a_year) // HISTORY_DAYS
    assert _severities(compare(1000, in_line, days=half_a_year)) == set()
    # Cohorts by age grow with the square of time.
    assert _severities(compare(1000, in_line**2 // 1000, days=half_a_year)) == set()
    assert _severities(compare(1000, 799, days=half_a_year)) == BOTH
    assert _severities(compare(1000, 5 * in_line, days=half_a_year)) == BLOCKED


def test_a_new_month_of_a_young_shop_is_no_change() -> None:
    young = Moved("", date(2025, 2, 1), date(2025, 2, 2), date(2025, 1, 1))
    assert young.growth > 1
    assert replace(young, now=young.before).growth == 0
    old = replace(young, first_day=date(2015, 1, 1))
    assert old.growth < 0.02


def test_few_rows_and_small_or_balanced_amounts_say_nothing(compare: Compare) -> None:
    assert compare(29, 0) is None
    assert _severities(compare(30, 0)) == BLOCKED
    # What goes up and down comes to nothing, whatever it comes to now.
    balanced = "case when i % 2 = 0 then 100 else -100 end"
    nearly = "case when i % 2 = 0 then 101 else -100 end"
    assert _severities(compare(1000, 1000, others=(balanced, nearly))) == set()
    # A tenth of a cent in a hundred may double; a tenth of it may not.
    assert _severities(compare(1000, 1000, prices=("99", "99"), others=("0.1", "0.2"))) == set()
    assert _severities(compare(1000, 1000, prices=("99", "99"), others=("9", "18"))) == {
        ("other", "critical")
    }
    assert _severities(compare(1000, 1000, others=("0", "5"))) == set(), "there was none before"


def test_what_begins_anew_with_a_year_is_compared_by_its_rows_alone() -> None:
    moved = Moved("as in v1", BEFORE, BEFORE + timedelta(days=1), FIRST_DAY)
    was = Figures(100, {"qualifying_spend": (900.0, 900.0)})
    now = Figures(100, {"qualifying_spend": (0.0, 0.0)})
    marts = ("customer_value", "loyalty_tiers")
    suites = change_suites(dict.fromkeys(marts, was), dict.fromkeys(marts, now), moved, LIMITS)
    assert [len(suite.expectations) for suite in suites] == [2, 1]


def test_a_reason_lets_a_change_pass_and_is_told(compare: Compare) -> None:
    outcome = compare(1000, 400)
    assert outcome is not None
    assert accept([outcome], None) == ([outcome], 0)
    (accepted,), number = accept([outcome], "two shops were sold")
    assert number == 2
    assert accepted.success
    assert [finding.severity for finding in accepted.warnings] == ["warning", "warning"], (
        "once each"
    )
    for finding in accepted.warnings:
        assert "; beyond 50% nothing goes on; accepted: two shops were sold, found 400" in str(
            finding
        )
    assert accept([replace(outcome, judgements=())], "no need") == (
        [replace(outcome, judgements=())],
        0,
    )


# --- landing

LANDED = date(2024, 6, 1)
TABLES = {table.name: table for table in contract.TABLES}


def _orders(rows: int, last: date, status: str = "'completed'", customer: str = "'c1'") -> str:
    """Twenty orders a day up to the last day."""
    return (
        f"select i as order_id, {customer} as customer_id, timestamp '{last} 10:00:00' "
        f"- to_days(cast(i // 20 as integer)) as ordered_at, {status} as order_status "
        f"from range({rows}) as r(i)"
    )


def _lines(rows: int, price: str = "10.00") -> str:
    return (
        "select i as order_line_id, i as order_id, 'p' as product_id, 1 as quantity, "
        f"{price} as net_revenue from range({rows}) as r(i)"
    )


@pytest.fixture
def land(tmp_path: Path) -> Callable[..., tuple[list[TableValidation], list[Profile]]]:
    def run(
        landed_on: date,
        history: Sequence[Profile] = (),
        connector: str = "files",
        **queries: str,
    ) -> tuple[list[TableValidation], list[Profile]]:
        extracts = [
            Extract(TABLES[name], f"{connector}: {name}.csv", query, query)
            for name, query in queries.items()
        ]
        write_landing(tmp_path / "landing", extracts, landed_on=landed_on)
        return validate_landing_changes(tmp_path / "landing", history, LIMITS)

    return run


def _found(validations: Sequence[TableValidation]) -> list[Finding]:
    return [finding for validation in validations for finding in validation.findings]


def _shop(last: date, rows: int = 2000, **about: str) -> dict[str, str]:
    return {"orders": _orders(rows, last, **about), "order_lines": _lines(rows)}


def test_the_first_landing_and_one_of_the_past_have_nothing_to_be_compared_with(land) -> None:
    found, history = land(LANDED, **_shop(LANDED))
    assert found == []
    assert {profile.table for profile in history} == {t.qualified_name for t in contract.TABLES}
    earlier = LANDED - timedelta(days=200)
    assert land(earlier, history, **_shop(earlier, rows=100))[0] == []
    again, _ = land(LANDED, history, **_shop(LANDED, rows=100))
    assert not again[0].success, "on the same day, what passed is what counts"
    other = land(LANDED + timedelta(days=1), history, "world", **_shop(LANDED, rows=100))
    assert other[0] == [], "another shop"


def test_a_day_more_is_no_change_and_rows_lost_are(land) -> None:
    _, history = land(LANDED, **_shop(LANDED))
    next_day = LANDED + timedelta(days=1)
    found, now = land(next_day, history, **_shop(next_day, rows=2020))
    assert len(found) == 2
    assert _found(found) == []
    warned, _ = land(next_day, history, **_shop(next_day, rows=1590))
    assert {(f.relation, f.severity) for f in _found(warned)} == {
        ("pos.orders", "warning"),
        ("pos.order_lines", "warning"),
    }
    lost, _ = land(next_day, history, orders=_orders(990, next_day), order_lines=_lines(2000))
    assert [f.relation for f in _found(lost) if f.severity == "critical"] == ["pos.orders"]
    gone, _ = land(next_day, history, orders=_orders(2000, next_day))
    assert [f.relation for f in _found(gone) if f.severity == "critical"] == ["pos.order_lines"]
    assert remembered(history, now)[-1].landed_on == next_day


def test_what_ends_of_late_is_told_however_long_the_history(land) -> None:
    _, history = land(LANDED, **_shop(LANDED))
    next_day = LANDED + timedelta(days=1)

    def columns(**shop: str) -> dict[str | None, str]:
        found, _ = land(next_day, history, **(_shop(next_day) | shop))
        return {finding.column: str(finding) for finding in _found(found)}

    # Customers are missing in the last four days, a fiftieth of all orders.
    told = columns(orders=_orders(2000, next_day, customer="case when i >= 80 then 'c1' end"))
    assert list(told) == ["customer_id"]
    assert "rows that have it is about 100.0%, as landed on 2024-06-01" in told["customer_id"]
    assert "found 0.4" in told["customer_id"]
    state = "case when i < 80 then 'cancelled' else 'completed' end"
    assert "order_status" in columns(orders=_orders(2000, next_day, status=state))
    one_day = "case when i < 20 then 'cancelled' else 'completed' end"
    assert columns(orders=_orders(2000, next_day, status=one_day)) == {}
    assert list(columns(order_lines=_lines(2000, price="1000.00"))) == ["net_revenue"]
    assert columns(order_lines=_lines(2000, price="19.00")) == {}
    # The last orders are as old as never before a landing.
    assert columns(orders=_orders(2000, next_day - timedelta(days=7))) == {}
    late = columns(orders=_orders(2000, next_day - timedelta(days=8)))
    assert "its last row is at most 7 days later than usual" in late[None]


def test_shares_of_few_rows_may_move_by_chance(land) -> None:
    few = {"orders": _orders(60, LANDED), "order_lines": _lines(60)}
    _, history = land(LANDED, **few)
    next_day = LANDED + timedelta(days=1)
    unnamed = {"orders": _orders(60, next_day, customer="null"), "order_lines": _lines(60)}
    assert _found(land(next_day, history, **unnamed)[0]) == []


def test_what_landed_unchanged_is_not_counted_again(land, monkeypatch) -> None:
    _, history = land(LANDED, **_shop(LANDED))
    counted = []
    original = change._figures

    def figures(connection, table, landed_on):
        counted.append(table.qualified_name)
        return original(connection, table, landed_on)

    monkeypatch.setattr(change, "_figures", figures)
    _, now = land(
        LANDED + timedelta(days=1), history, **_shop(LANDED) | {"orders": _orders(9, LANDED)}
    )
    assert counted == ["pos.orders"]
    assert {p.table: p.figures for p in now}["pos.order_lines"]["rows"] == 2000


def test_what_is_remembered_is_bounded() -> None:
    days = [LANDED + timedelta(days=number) for number in range(KEPT_LANDINGS + 5)]
    history = [Profile("pos.orders", day, "files", str(day), {"rows": 1.0}) for day in days]
    again = replace(history[-1], figures={"rows": 2.0})
    kept = remembered(history, [again])
    assert [profile.landed_on for profile in kept] == days[5:]
    assert kept[-1] == again
