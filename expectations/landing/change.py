"""What landed against what landed before: volume, freshness, shares and drift.

A landing is described by a few figures for each table, its profile, which is kept if it passed. It
is compared with the latest one that is not of a later day. One dated before all that are kept, as
in a replay, has nothing to be compared with.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from pathlib import Path

import duckdb
import great_expectations as gx

from expectations.change import Limits, Moved, may_move
from expectations.suites import Measures
from expectations.validate import TableValidation, open_landing, validate_suites
from landing.contract import TABLES, Table

RECENT_DAYS = 7
"""Shares and means are of the last days: what ends today is not seen in a long history."""
LEAST_RECENT_ROWS = 100
LATER_BY_DAYS = 7
MEAN_FACTOR = 2.0
LEAST_SHARE = 0.01
KEPT_LANDINGS = 30
"""Of each table."""

ROWS, RECENT, FIRST, LAST = "rows", "recent rows", "first day", "last day"
FILLED, VALUE, MEAN = "filled ", "share ", "mean "
NOT_SUPPLIED = "none"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Profile:
    """The figures of a table as it landed; days are counted from 1970.

    ``source`` is the connector. Equal fingerprints mean equal rows.
    """

    table: str
    landed_on: date
    source: str
    fingerprint: str
    figures: Mapping[str, float]


def validate_landing_changes(
    landing_dir: Path, history: Sequence[Profile], limits: Limits
) -> tuple[list[TableValidation], list[Profile]]:
    """Compare every landed table with the landing before; and the profiles of those that landed."""
    with open_landing(landing_dir) as (connection, unreadable):
        now = [
            profile for profile in profiles(connection, history) if profile.table not in unreadable
        ]
        connection.execute(
            "create table landing.profiles (table_name varchar, measure varchar, figure double)"
        )
        rows = [(p.table, name, figure) for p in now for name, figure in p.figures.items()]
        if rows:
            connection.executemany("insert into landing.profiles values (?, ?, ?)", rows)
        return validate_suites(change_suites(now, history, limits), connection), now


def remembered(history: Iterable[Profile], now: Iterable[Profile]) -> list[Profile]:
    """The history with the profiles of now: one a day for each table, the latest ones."""
    by_day = {(p.table, p.landed_on): p for p in (*history, *now)}
    kept: dict[str, list[Profile]] = {}
    for profile in sorted(by_day.values(), key=lambda p: (p.table, p.landed_on)):
        kept.setdefault(profile.table, []).append(profile)
    return [profile for of_table in kept.values() for profile in of_table[-KEPT_LANDINGS:]]


def profiles(
    connection: duckdb.DuckDBPyConnection, history: Sequence[Profile] = ()
) -> list[Profile]:
    """The profiles of all landed tables; one that landed unchanged has the figures it had."""
    known = {(p.table, p.fingerprint): p.figures for p in history}
    landed = {
        name: (landed_on, source.partition(":")[0], fingerprint)
        for name, landed_on, source, fingerprint in connection.execute(
            "select table_name, landed_on, source, fingerprint from landing.manifest"
        ).fetchall()
    }
    return [
        Profile(
            table.qualified_name,
            landed_on,
            source,
            fingerprint,
            known.get((table.qualified_name, fingerprint))
            or _figures(connection, table, landed_on),
        )
        for table in TABLES
        if table.qualified_name in landed
        for landed_on, source, fingerprint in [landed[table.qualified_name]]
    ]


def change_suites(
    now: Sequence[Profile], history: Sequence[Profile], limits: Limits
) -> list[gx.ExpectationSuite]:
    """A suite for every table that landed before, from the same connector, with enough rows."""
    suites = []
    for profile in now:
        earlier = sorted(
            (
                p
                for p in history
                if p.table == profile.table
                and p.landed_on <= profile.landed_on
                # A table that is left out has no connector.
                and profile.source in (p.source, NOT_SUPPLIED)
            ),
            key=lambda p: p.landed_on,
        )
        if earlier and earlier[-1].figures[ROWS] >= limits.least_rows:
            suites.append(_suite(profile, earlier, limits))
    return suites


def _suite(now: Profile, earlier: Sequence[Profile], limits: Limits) -> gx.ExpectationSuite:
    before = earlier[-1]
    what = f"as landed on {before.landed_on}"
    measures = Measures(now.table, name=f"{now.table} against the landing before")
    may_move(
        measures,
        ROWS,
        "count(*)",
        called="number of rows",
        before=before.figures[ROWS],
        now=now.figures[ROWS],
        moved=Moved(what, before.landed_on, now.landed_on, _day(before.figures.get(FIRST))),
        limits=limits,
    )
    if LAST in before.figures and LAST in now.figures:
        usual = max(_lag(p) for p in earlier if LAST in p.figures)
        measures.value(
            "days since the last row",
            f"{(now.landed_on - _EPOCH).days} - {_figure(now.table, LAST)}",
            f"its last row is at most {LATER_BY_DAYS} days later than usual: {usual:,.0f} days "
            f"before a landing at most",
            "warning",
            high=usual + LATER_BY_DAYS,
        )
    least = min(p.figures.get(RECENT, p.figures[ROWS]) for p in (before, now))
    if least >= LEAST_RECENT_ROWS:
        for measure, figure in before.figures.items():
            if measure in now.figures:
                _may_drift(measures, measure, figure, rows=least, what=what, limits=limits)
    return measures.suite()


def _may_drift(
    measures: Measures, measure: str, before: float, *, rows: float, what: str, limits: Limits
) -> None:
    """Told are means that double or halve, and shares that lose half or move by so many points.

    Shares of few ``rows`` move by chance.
    """
    sql = _figure(measures.relation, measure)
    if measure.startswith(MEAN):
        if before > 0:
            column = measure.removeprefix(MEAN)
            measures.value(
                measure,
                sql,
                f"its mean is between half and twice {before:,.4g}, {what} (another unit or "
                "currency moves it further)",
                "warning",
                low=before / MEAN_FACTOR,
                high=before * MEAN_FACTOR,
                column=column,
            )
        return
    if not measure.startswith((FILLED, VALUE)):
        return
    chance = 4 * sqrt(before * (1 - before) / rows)
    half = before * (1 - limits.block) if before >= LEAST_SHARE else 0.0
    column, _, value = measure.partition(" ")[2].partition(" = ")
    share = f"the share of {value}" if value else "the share of rows that have it"
    measures.value(
        measure,
        sql,
        f"{share} is about {before:.1%}, {what}",
        "warning",
        low=min(max(before - limits.warn, half), before - chance) - 1e-9,
        high=max(before + limits.warn, before + chance) + 1e-9,
        column=column,
    )


def _figure(table: str, measure: str) -> str:
    quoted = measure.replace("'", "''")
    return (
        "(select any_value(figure) from landing.profiles"
        f" where table_name = '{table}' and measure = '{quoted}')"
    )


def _lag(profile: Profile) -> float:
    return (profile.landed_on - _EPOCH).days - profile.figures[LAST]


def _day(days: float | None) -> date | None:
    return None if days is None else _EPOCH + timedelta(days=int(days))


def _figures(
    connection: duckdb.DuckDBPyConnection, table: Table, landed_on: date
) -> dict[str, float]:
    name, event = table.qualified_name, table.event_column
    figures: dict[str, float | None] = {}
    ((figures[ROWS],),) = connection.execute(f"select count(*) from {name}").fetchall()
    recent = "true"
    # Of a file that has not the contract's columns the suites of the landing tell.
    with contextlib.suppress(duckdb.BinderException):
        if event is not None:
            day, seen = f"cast({event} as date)", f"cast({event} as date) <= date '{landed_on}'"
            ((figures[FIRST], figures[LAST]),) = connection.execute(
                f"select min({day}) - date '{_EPOCH}', max({day}) - date '{_EPOCH}'"
                f" from {name} where {seen}"
            ).fetchall()
            since = f"date '{_EPOCH}' + {figures[LAST] or 0} - {RECENT_DAYS}"
            recent = f"{seen} and {day} > {since}"
        shares = {RECENT: "count(*)", **_shares(table)}
        (found,) = connection.execute(
            f"select {', '.join(shares.values())} from {name} where {recent}"
        ).fetchall()
        figures |= dict(zip(shares, found, strict=True))
    return {measure: float(figure) for measure, figure in figures.items() if figure is not None}


def _shares(table: Table) -> dict[str, str]:
    """Figures of the rows of the last days, by what they are called."""
    found = {}
    for column in table.columns:
        name = column.name
        if column.nullable and name not in table.key:
            found[f"{FILLED}{name}"] = f"count({name}) / nullif(count(*), 0)"
        values = [f"'{value}'" for value in column.accepted_values]
        if column.type == "boolean":
            values = ["true"]
        for value in values:
            label = f"{VALUE}{name} = {value.strip(chr(39))}"
            found[label] = f"count(*) filter (where {name} = {value}) / nullif(count({name}), 0)"
        if column.type in ("money", "quantity", "points", "number"):
            found[f"{MEAN}{name}"] = f"avg(cast({name} as double))"
    return found
