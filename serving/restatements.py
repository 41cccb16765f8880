"""Which published figures of the past are no longer what they were, and why where that is known.

A figure is the total of an amount or count of a mart in a month, or its rows, where the mart has a
month or a date. It is compared where the version before could know all of the period: months that
were over, days that were visible. What comes later is no restatement.

The cause is found by elimination: what landed, the rules (vars), the code and the as-of date are
recorded with every version, and rows of facts are compared one by one in the months in which they
differ. ``several`` is said where more than one may have changed the figure, ``unknown`` where none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

SCHEMA = "marts"
TABLE = "restatements"
DESCRIPTION = (
    "Figures of the past that differ from those of the version compared with: totals of amounts "
    "and counts by mart and month, and why they changed where that is known. Of every version that "
    "is kept. One row per version, mart, month and measure."
)
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("version", "varchar", "Version that has the figure as it is now. Part of the key."),
    ("compared_with", "varchar", "Version that has the figure as it was."),
    ("mart", "varchar", "Mart. Part of the key."),
    ("month_start", "date", "Month of the figure, its first day. Part of the key."),
    ("measure", "varchar", "Column that is summed, or rows. Part of the key."),
    ("value_before", "decimal(38,6)", "Figure as it was; 0 where the month had no rows."),
    ("value_after", "decimal(38,6)", "Figure as it is; 0 where the month has no rows."),
    ("difference", "decimal(38,6)", "Figure as it is less the figure as it was."),
    (
        "cause",
        "varchar",
        "Why: late_rows, corrected_rows, deleted_rows, landed_tables (rows without a month of "
        "their own), rules_changed, code_changed, as_of_moved, several of these, or unknown.",
    ),
    ("cause_detail", "varchar", "What is known of the cause, in words."),
)
ROWS = "rows"
CAUSES = (
    "late_rows",
    "corrected_rows",
    "deleted_rows",
    "landed_tables",
    "rules_changed",
    "code_changed",
    "as_of_moved",
    "several",
    "unknown",
)
MOVED = "as_of_moved"

_OBSERVED = (
    "fct_order_lines",
    "fct_orders",
    "fct_touchpoints",
    "fct_points_movements",
    "fct_campaign_exposures",
)
"""Facts whose rows are what landed."""
_DAYS = re.compile(r"(order|touch|moved|entered|week_start)_date|exposed_on|assigned_on")
_MONTHS = re.compile(r"\w+_month|month_start|month_end")
_NOT_ADDITIVE = re.compile(
    r"\w*(^|_)(id|rank|score|number|position|day|days|months|age|rate|share|ratio|index|per|median|"
    r"average|mean|low|high|price|quantile|percentile|tier|window|level|lag|minimum|maximum|order|"
    r"year|month|week|quarter|cac|p90)(_\w+)?"
)
_NAMED = 3


@dataclass(frozen=True)
class Inputs:
    """What a version was made from.

    ``landed`` has a text for each landed table, which is another one when the table is;
    ``rewritten`` counts how often its batches changed or vanished. ``rules`` are vars.
    """

    as_of_date: date
    code_revision: str
    landed: Mapping[str, str] = field(default_factory=dict)
    rewritten: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Restatement:
    """A row of ``marts.restatements``."""

    version: str
    compared_with: str
    mart: str
    month_start: date
    measure: str
    value_before: Decimal
    value_after: Decimal
    cause: str
    cause_detail: str

    @property
    def difference(self) -> Decimal:
        """What is there now less what was."""
        return self.value_after - self.value_before

    @property
    def row(self) -> list[object]:
        """The values in the order of ``COLUMNS``."""
        return [
            *(self.version, self.compared_with, self.mart, self.month_start, self.measure),
            *(self.value_before, self.value_after, self.difference, self.cause, self.cause_detail),
        ]


@dataclass(frozen=True)
class _Changed:
    """How many rows of a fact differ in a month, and in how many of those a column does."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    by_column: Mapping[str, int] = field(default_factory=dict)

    def of(self, measure: str) -> _Changed:
        """What bears on a measure: a change elsewhere in the row does not move it."""
        return _Changed(self.added, self.removed, self.by_column.get(measure, self.changed))


@dataclass(frozen=True)
class _Shape:
    """What both versions of a mart have, with the same type."""

    mart: str
    period: str
    is_month: bool
    measures: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def month(self) -> str:
        """SQL: the month of a row."""
        return f"cast(date_trunc('month', {_name(self.period)}) as date)"

    def of(self, catalog: str) -> str:
        """The relation in one of the versions."""
        return f"{catalog}.{SCHEMA}.{_name(self.mart)}"

    def is_past(self, as_of_date: date) -> str:
        """SQL: whether the period was over before that day."""
        end = f"last_day({_name(self.period)})" if self.is_month else _name(self.period)
        if self.period == "week_start_date":
            end = f"{end} + interval 6 day"
        return f"{end} < date '{as_of_date.isoformat()}'"


_Changes = dict[tuple[str, date], _Changed]
"""By fact and month."""


def restated(
    connection: duckdb.DuckDBPyConnection,
    *,
    before: Inputs,
    now: Inputs,
    versions: tuple[str, str],
    keys: Mapping[str, Sequence[str]],
) -> list[Restatement]:
    """Compare the marts of catalog ``before`` with those of catalog ``build``.

    ``versions`` are the one compared with and the new one. ``keys`` names the marts, and of each
    the columns that identify a row (none where that is not known).
    """
    found: list[tuple[str, date, str, Decimal, Decimal]] = []
    for mart in sorted(mart for mart in keys if not mart.startswith("dim_")):
        shape = _shape(connection, mart)
        if shape is not None:
            found += _differences(connection, shape, before.as_of_date)
    if not found:
        return []
    changes: _Changes = {}
    for fact in _OBSERVED:
        shape = _shape(connection, fact) if keys.get(fact) else None
        if shape is not None:
            changes |= _rows_changed(connection, shape, keys[fact], before.as_of_date)
    earlier, version = versions
    superseded = _superseded(connection)
    return [
        Restatement(
            *(version, earlier, mart, month, measure, was, is_now),
            *_cause(_evidence(changes, mart, month, measure), before, now, superseded=superseded),
        )
        for mart, month, measure, was, is_now in found
    ]


def told(restatements: Sequence[Restatement]) -> str:
    """The restatements in one line, the money in the months that people know first; or nothing."""
    if not restatements:
        return ""
    marts = sorted({row.mart for row in restatements})
    months = sorted({row.month_start for row in restatements})
    causes = sorted({row.cause for row in restatements}, key=CAUSES.index)
    # A mart may have the same money once for each model or group: facts have it once.
    first = max(
        restatements,
        key=lambda row: (_is_money(row.measure), row.mart in _OBSERVED, abs(row.difference)),
    )
    span = f"{months[0]:%Y-%m}" + (f" to {months[-1]:%Y-%m}" if len(months) > 1 else "")
    named = ", ".join(marts[:_NAMED])
    more = len(marts) - _NAMED
    return (
        f"{len(restatements):,} published {'figure' if len(restatements) == 1 else 'figures'} "
        f"changed, of {span}, in {named}{f' and {more} more marts' if more > 0 else ''} "
        f"({', '.join(cause.replace('_', ' ') for cause in causes)}); most: {first.measure} of "
        f"{first.mart} {first.month_start:%Y-%m} from {_plain(first.value_before)} to "
        f"{_plain(first.value_after)}"
    )


def _is_money(measure: str) -> bool:
    return measure == "net_revenue"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _shape(connection: duckdb.DuckDBPyConnection, mart: str) -> _Shape | None:
    """None where the mart has no period, or is in one of the versions only."""
    both = connection.execute(
        "select is_now.column_name, is_now.data_type from duckdb_columns() as is_now "
        "inner join duckdb_columns() as was on is_now.column_name = was.column_name "
        "and is_now.data_type = was.data_type "
        "where is_now.database_name = 'build' and was.database_name = 'before' "
        f"and is_now.schema_name = '{SCHEMA}' and was.schema_name = '{SCHEMA}' "
        "and is_now.table_name = $mart and was.table_name = $mart order by is_now.column_index",
        {"mart": mart},
    ).fetchall()
    days = [name for name, kind in both if kind == "DATE" and _DAYS.fullmatch(name)]
    months = [name for name, kind in both if kind == "DATE" and _MONTHS.fullmatch(name)]
    if not days and not months:
        return None
    measures = [
        name
        for name, kind in both
        if kind.startswith(("DECIMAL", "BIGINT")) and not _NOT_ADDITIVE.fullmatch(name)
    ]
    period = (days or months)[0]
    return _Shape(mart, period, not days, tuple(measures), tuple(name for name, _ in both))


def _differences(
    connection: duckdb.DuckDBPyConnection, shape: _Shape, as_of_date: date
) -> list[tuple[str, date, str, Decimal, Decimal]]:
    sums = "".join(f", coalesce(sum({_name(name)}), 0)" for name in shape.measures)

    def figures(catalog: str) -> dict[tuple[date, str], Decimal]:
        rows = connection.execute(
            f"select {shape.month}, count(*){sums} from {shape.of(catalog)} "
            f"where {shape.is_past(as_of_date)} group by 1"
        ).fetchall()
        return {
            (month, measure): Decimal(value)
            for month, *values in rows
            for measure, value in zip((ROWS, *shape.measures), values, strict=True)
        }

    was, is_now = figures("before"), figures("build")
    zero = Decimal(0)
    return [
        (
            shape.mart,
            month,
            measure,
            was.get((month, measure), zero),
            is_now.get((month, measure), zero),
        )
        for month, measure in sorted(was.keys() | is_now.keys())
        if was.get((month, measure), zero) != is_now.get((month, measure), zero)
    ]


def _rows_changed(
    connection: duckdb.DuckDBPyConnection, shape: _Shape, key: Sequence[str], as_of_date: date
) -> _Changes:
    """Rows of a fact that came, went or changed, by month; only months that differ are joined."""
    if not set(key) <= set(shape.columns):
        return {}
    past = shape.is_past(as_of_date)
    whole = f"hash({', '.join(_name(name) for name in shape.columns)})"

    def months(catalog: str) -> set[tuple[Any, ...]]:
        return set(
            connection.execute(
                f"select {shape.month}, count(*), sum({whole}) from {shape.of(catalog)} "
                f"where {past} group by 1"
            ).fetchall()
        )

    differing = sorted({row[0] for row in months("before") ^ months("build")})
    if not differing:
        return {}
    listed = ", ".join(f"date '{day.isoformat()}'" for day in differing)
    kept = ", ".join(_name(name) for name in dict.fromkeys((*key, *shape.measures)))

    def rows(catalog: str) -> str:
        return (
            f"select {shape.month} as _month, {whole} as _whole, {kept} "
            f"from {shape.of(catalog)} where {past} and {shape.month} in ({listed})"
        )

    on = " and ".join(f"was.{_name(name)} = is_now.{_name(name)}" for name in key)
    flags = "".join(
        f", was.{_name(name)} is distinct from is_now.{_name(name)} as m{number}"
        for number, name in enumerate(shape.measures)
    )
    counted = "".join(
        f", count(*) filter (where was_month = is_month and m{number})"
        for number in range(len(shape.measures))
    )
    # A row whose date was corrected is gone from one month and new in another.
    found = connection.execute(f"""
        with was as ({rows("before")}),
        is_now as ({rows("build")}),
        moved as (
            select was._month as was_month, is_now._month as is_month{flags}
            from was full outer join is_now on {on}
            where was._whole is distinct from is_now._whole
        ),
        by_month as (
            select *, was_month as in_month from moved where was_month is not null
            union all
            select *, is_month from moved
            where is_month is not null and is_month is distinct from was_month
        )
        select
            in_month,
            count(*) filter (where was_month is distinct from in_month),
            count(*) filter (where is_month is distinct from in_month),
            count(*) filter (where was_month = is_month){counted}
        from by_month group by in_month
    """).fetchall()
    return {
        (shape.mart, in_month): _Changed(
            added, removed, changed, dict(zip(shape.measures, by_column, strict=True))
        )
        for in_month, added, removed, changed, *by_column in found
    }


def _evidence(
    changes: _Changes, mart: str, month: date, measure: str
) -> list[tuple[str, _Changed]]:
    """What changed in the facts of the month that may have moved the measure; a fact's own rows."""
    own = [mart] if mart in _OBSERVED else _OBSERVED
    found = [(fact, changes[fact, month].of(measure)) for fact in own if (fact, month) in changes]
    return [(fact, rows) for fact, rows in found if rows.added or rows.removed or rows.changed]


def _superseded(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether newer versions of rows landed: a correction in a batch of its own."""
    there = connection.execute(
        "select count(*) from duckdb_columns() where schema_name = 'marts' "
        "and database_name in ('before', 'build') "
        "and table_name = 'landing_reconciliation' and column_name = 'superseded_rows'"
    ).fetchall()
    if there != [(2,)]:
        return False
    return bool(
        connection.execute(
            "select count(*) from build.marts.landing_reconciliation as is_now "
            "inner join before.marts.landing_reconciliation as was using (table_name) "
            "where is_now.superseded_rows > was.superseded_rows"
        ).fetchall()[0][0]
    )


def _cause(
    evidence: Iterable[tuple[str, _Changed]], before: Inputs, now: Inputs, *, superseded: bool
) -> tuple[str, str]:
    """The cause, and what is known of it in words."""
    tables = sorted(
        name
        for name in before.landed.keys() | now.landed.keys()
        if before.landed and before.landed.get(name) != now.landed.get(name)
    )
    rewritten = superseded or any(
        now.rewritten.get(name, 0) > before.rewritten.get(name, 0) for name in tables
    )
    possible: dict[str, str] = {}
    for fact, rows in evidence if tables else ():
        for cause, count, happened in (
            ("late_rows", rows.added, "landed late"),
            ("corrected_rows", rows.changed if rewritten else 0, "corrected"),
            ("deleted_rows", rows.removed, "gone"),
        ):
            if count:
                said = f"{count:,} {'row' if count == 1 else 'rows'} of {fact}"
                possible[cause] = f"{possible.get(cause, happened + ':')} {said}"
    by_rows = bool(possible)
    if rules := [
        f"{name} {before.rules.get(name, 'absent')} to {now.rules.get(name, 'absent')}"
        for name in sorted(before.rules.keys() | now.rules.keys())
        if before.rules and before.rules.get(name) != now.rules.get(name)
    ]:
        possible["rules_changed"] = "rules: " + ", ".join(rules[:_NAMED])
    if before.code_revision != now.code_revision:
        possible["code_changed"] = f"code {before.code_revision} to {now.code_revision}"
    if not by_rows and before.as_of_date != now.as_of_date:
        possible[MOVED] = f"as of {before.as_of_date} to {now.as_of_date}"
    elif not by_rows and tables:
        possible["landed_tables"] = "landed again: " + ", ".join(tables[:_NAMED])
    if not possible:
        return "unknown", ""
    detail = "; ".join(possible.values())
    return (next(iter(possible)) if len(possible) == 1 else "several"), detail


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
