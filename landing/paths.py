"""Reads a file of aggregated paths by the rules of landing, and refuses what cannot be counted."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from landing.contract import Column, Table
from landing.problems import Problem
from landing.reading import read_table

PATHS = Table(
    system="attribution",
    name="paths",
    meaning="Paths to conversion. One row per sequence of channels.",
    key=(),
    columns=(
        Column("path", "text", "Channels in their order, with > between them.", required=True),
        Column("conversions", "number", "Journeys like this that converted.", required=True),
        Column("value", "number", "What these brought in all."),
        Column("nulls", "number", "Journeys like this that did not."),
    ),
    version_column=None,
)
SPLIT = r"string_split_regex(trim(path), '\s*>\s*')"
"""SQL: the names of channels in a path, without the blanks around them."""


@dataclass(frozen=True)
class PathFile:
    """What was read into a table ``split``: lists of ``channels``, conversions, nulls, value."""

    rows: int
    conversions: int
    nulls: int
    has_value: bool
    has_nulls: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Rule:
    """Rows that meet the condition cannot be counted."""

    column: str
    condition: str
    expected: str
    found: str


_RULES = (
    _Rule("path", "path is null", "at least one channel", "an empty path"),
    _Rule(
        "path",
        "path is not null and list_contains(channels, '')",
        "a name for every channel",
        "a channel without a name",
    ),
    _Rule("conversions", "conversions is null", "a count", "nothing"),
    *(
        _Rule(name, f"{name} {condition}", "a count", found)
        for name in ("conversions", "nulls")
        for condition, found in (
            ("< 0", "a negative number"),
            (f"> 0 and {name} <> floor({name})", "a fraction"),
        )
    ),
    *(
        _Rule(name, f"not isfinite({name})", "a number", "one that is not finite")
        for name in ("conversions", "nulls", "value")
    ),
)


def read_paths(connection: duckdb.DuckDBPyConnection, file: Path) -> PathFile:
    """Read a CSV or Parquet file into the table ``split``.

    Raises ``ValueError`` naming the file and every reason why it cannot be counted: the column, in
    how many rows, and the first of them.
    """
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as scratch:
        reading = read_table(connection, PATHS, [file], problems, scratch=Path(scratch))
        if reading is not None and not problems:
            (read,) = reading.files
            present = {field.column.name for field in read.fields}
            connection.execute(f"create temp table given as {read.select(lambda _: False)}")
    if reading is None or problems:
        raise _refused(file, problems)
    for name in ("value", "nulls"):
        if name not in present:
            connection.execute(f"alter table given add column {name} double default 0")
    connection.execute(
        "create temp table split as select row_number() over () as row_number, path, "
        f"{SPLIT} as channels, conversions, coalesce(nulls, 0) as nulls, "
        "coalesce(value, 0) as value from given"
    )
    rows = _number(connection, "count(*)")
    for rule in _RULES:
        count = _number(connection, f"count(*) filter (where {rule.condition})")
        if count:
            first, example = connection.execute(
                f"select row_number, cast({rule.column} as varchar) from split "
                f"where {rule.condition} order by row_number limit 1"
            ).fetchall()[0]
            shown = None if example is None else repr(example)
            problems.append(
                Problem(
                    PATHS.qualified_name,
                    rule.column,
                    rule.expected,
                    rule.found,
                    count,
                    rows,
                    first,
                    shown,
                )
            )
    if problems:
        raise _refused(file, problems)
    names = connection.execute(
        "select distinct unnest(channels) as channel from split limit 2"
    ).fetchall()
    conversions, nulls = _number(connection, "sum(conversions)"), _number(connection, "sum(nulls)")
    if not conversions:
        problems.append(_of_all("conversions", "at least one conversion", "none", rows))
    if len(names) == 1:
        found = f"{names[0][0]!r} alone"
        problems.append(_of_all("path", "at least two channels to tell apart", found, rows))
    if problems:
        raise _refused(file, problems)
    return PathFile(
        rows,
        conversions,
        nulls,
        "value" in present,
        "nulls" in present,
        tuple(reading.warnings),
    )


def _of_all(column: str, expected: str, found: str, rows: int) -> Problem:
    return Problem(PATHS.qualified_name, column, expected, f"{found} in all {rows:,} rows")


def _refused(file: Path, problems: list[Problem]) -> ValueError:
    reasons = "".join(f"\n- {problem}" for problem in problems)
    return ValueError(f"{file} cannot be counted:{reasons}")


def _number(connection: duckdb.DuckDBPyConnection, figure: str) -> int:
    ((found,),) = connection.execute(f"select {figure} from split").fetchall()
    return int(found or 0)
