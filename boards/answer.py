"""The numbers of a panel: what the metric's own query gives, and what of it may be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import duckdb

from boards.board import Panel
from boards.published import CALLED, Published
from metrics import query

Key = tuple[Any, ...]

LISTS = ("bars", "ranges", "table")

# How long periods are: days, or months.
DAYS: Mapping[str, int] = {"day": 1, "week": 7, "retail_week": 7}
MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Row:
    """Values by name, and what the row is told apart by."""

    keys: Mapping[str, Any]
    values: Mapping[str, Any]
    people: Mapping[str, int | None] = field(default_factory=dict)
    """How many customers, by what counts them."""
    hidden: frozenset[str] = frozenset()
    """Names of the values that are not shown."""

    def shown(self, name: str) -> Any:
        """Its value of that name; None where it is not shown."""
        return None if name in self.hidden else self.values[name]

    @property
    def is_hidden(self) -> bool:
        """Whether none of its values is shown."""
        return len(self.hidden) == len(self.values)


@dataclass(frozen=True)
class Answer:
    """Rows to show; without any, ``state`` says why: ``missing``, ``empty`` or ``few``."""

    rows: Sequence[Row] = ()
    state: str = "shown"
    mart: str = ""
    left_off: int = 0
    few: int = 0
    """Rows left out because none of their values may be shown."""
    names: Mapping[str, list[Any]] = field(default_factory=dict)
    """Values of each grouping, in the order in which they are told."""

    @property
    def is_kept_back(self) -> bool:
        """Whether a row is too small to be shown."""
        return any(row.hidden for row in self.rows)


def answer(published: Published, panel: Panel, *, least: int) -> Answer:
    """Ask the published file; values of fewer than ``least`` customers are not shown."""
    for mart in panel.marts:
        if mart not in published.tables:
            return Answer(state="missing", mart=mart)
    try:
        rows = _by_metrics(published, panel) if panel.metrics else _by_columns(published, panel)
    except duckdb.BinderException:
        # Published by an older version, whose mart lacks a column.
        return Answer(state="missing", mart=panel.marts[0])
    rows = _whole(published, panel, rows)
    if panel.by and panel.metrics:
        rows = [row for row in rows if any(row.values.values())]
    nothing = all(value is None for row in rows for value in row.values.values())
    if nothing or all(published.is_empty(mart) for mart in panel.marts):
        return Answer(state="empty", mart=panel.marts[0])
    rows, names = _ordered(published, panel, rows)
    rows = kept_back(panel, rows, least)
    told = rows[-1:] if panel.kind == "figures" else rows
    if all(row.is_hidden for row in told):
        return Answer(state="few", mart=panel.marts[0])
    few = left_off = 0
    if panel.kind in LISTS:
        # A list does not need to name each of those of which it tells nothing.
        told = [row for row in rows if not row.is_hidden]
        few, left_off = len(rows) - len(told), max(len(told) - panel.limit, 0)
        rows = told[: panel.limit]
    return Answer(rows, mart=panel.marts[0], left_off=left_off, few=few, names=names)


def kept_back(panel: Panel, rows: Sequence[Row], least: int) -> list[Row]:
    """Values of fewer than ``least`` customers are not shown, nor one that would give one away.

    Where only one group of a total is kept back it could be worked out from the others: the
    smallest of them is kept back as well.
    """
    kept = [
        replace(
            row, hidden=frozenset(name for name in row.values if _is_few(panel, row, name, least))
        )
        for row in rows
    ]
    # Rows of a mart that are answers of their own add up to nothing.
    if panel.kind == "figures" or not panel.by or not panel.metrics:
        return kept
    totals: dict[Key, list[int]] = defaultdict(list)
    for number, row in enumerate(kept):
        totals[tuple(told for name, told in row.keys.items() if name != panel.by[-1])].append(
            number
        )
    for numbers in totals.values():
        for name in panel.values:
            others = [number for number in numbers if name not in kept[number].hidden]
            sized = [
                (min(sizes), number)
                for number in others
                if (sizes := [size for size in _sizes(panel, kept[number], name) if size])
            ]
            if len(others) == len(numbers) - 1 and sized:
                _, smallest = min(sized)
                row = kept[smallest]
                kept[smallest] = replace(row, hidden=row.hidden | {name})
    return kept


def _is_few(panel: Panel, row: Row, name: str, least: int) -> bool:
    return any(0 < size < least for size in _sizes(panel, row, name))


def _sizes(panel: Panel, row: Row, name: str) -> list[int]:
    return [int(row.people[each] or 0) for each in panel.people_of(name)]


def _by_metrics(published: Published, panel: Panel) -> list[Row]:
    found: dict[Key, dict[str, Any]] = {}
    for name in dict.fromkeys((*panel.metrics, *panel.counts)):
        for record in _rows(published, query(name, panel.asked), panel.where or {}):
            key = tuple(record[column] for column in panel.asked)
            found.setdefault(key, {})[name] = record[name]
    return [
        Row(
            dict(zip(panel.asked, key, strict=True)),
            {name: values.get(name) for name in panel.metrics},
            {name: values.get(name) for name in panel.counts},
        )
        for key, values in found.items()
    ]


def _by_columns(published: Published, panel: Panel) -> list[Row]:
    chosen = ", ".join(dict.fromkeys((*panel.asked, *panel.columns, *panel.counts)))
    return [
        Row(
            {name: record[name] for name in panel.asked},
            {name: record[name] for name in panel.columns},
            {name: record[name] for name in panel.counts},
        )
        for record in _rows(
            published, f"select {chosen} from marts.{panel.mart}", panel.where or {}
        )
    ]


def _rows(published: Published, sql: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a query whose columns have the values of ``where``."""
    clauses = " and ".join(f"list_contains(${name}, {name})" for name in where) or "true"
    wanted = {name: value if isinstance(value, list) else [value] for name, value in where.items()}
    return published.rows(f"select * from ({sql}) as answer where {clauses}", **wanted)


def _whole(published: Published, panel: Panel, rows: list[Row]) -> list[Row]:
    """The newest whole periods; without time, all rows."""
    if not panel.over:
        return rows
    dated = [row for row in rows if row.keys[panel.over] is not None]
    as_of, first = published.as_of, published.first_day
    if as_of and is_grain(panel):
        dated = [
            row
            for row in dated
            if later(panel.over, row.keys[panel.over], 1) <= as_of
            and (first is None or row.keys[panel.over] >= first)
        ]
    last = sorted({row.keys[panel.over] for row in dated})[-panel.last :]
    return [row for row in dated if row.keys[panel.over] in last]


def _ordered(
    published: Published, panel: Panel, rows: list[Row]
) -> tuple[list[Row], dict[str, list[Any]]]:
    """Rows by time, then in the order of their vocabularies or of ``sort``."""
    names: dict[str, list[Any]] = {}
    for name in panel.by:
        found = {row.keys[name] for row in rows}
        vocabulary = (panel.vocabularies or {}).get(name)
        known = sorted(value for value in found if value is not None)
        names[name] = (
            published.marts.names.values(vocabulary, known)
            if vocabulary and vocabulary not in CALLED
            else known
        ) + [None] * (None in found)
    places = {
        name: {value: place for place, value in enumerate(told)} for name, told in names.items()
    }
    rows = sorted(rows, key=lambda row: [places[name][row.keys[name]] for name in panel.by])
    if panel.sort:
        column, descending = panel.sort.removeprefix("-"), panel.sort.startswith("-")
        known = [row for row in rows if _value(row, column) is not None]
        unknown = [row for row in rows if _value(row, column) is None]
        rows = sorted(known, key=lambda row: _value(row, column), reverse=descending) + unknown
    if panel.over:
        rows = sorted(rows, key=lambda row: row.keys[panel.over])
    return rows, names


def _value(row: Row, name: str) -> Any:
    return row.values.get(name, row.keys.get(name))


def later(grain: str, day: date, periods: int) -> date:
    """The first day so many periods after the one that begins with ``day``."""
    if grain in DAYS:
        return day + timedelta(days=DAYS[grain] * periods)
    months = 12 * day.year + day.month - 1 + MONTHS[grain] * periods
    return date(months // 12, months % 12 + 1, 1)


def before(panel: Panel, period: date, *, year: bool) -> date:
    """The period before, or that of a year before: 52 weeks where time is told in weeks."""
    a_year = {"day": 364, "week": 52, "retail_week": 52, "month": 12, "quarter": 4, "year": 1}
    return later(panel.over, period, -a_year[panel.over] if year else -1)


def is_grain(panel: Panel) -> bool:
    """Whether its time is a grain of which the period before is known."""
    return panel.over in DAYS or panel.over in MONTHS
