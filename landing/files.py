"""Lands a user's own data: a directory with one CSV or Parquet file per table of the contract.

Files are named ``<table>`` or ``<system>/<table>``, with ``.csv`` or ``.parquet``. Values are
never guessed: one that does not have the contract's type is an error, and all of them are
reported at once. Rows that are well typed but wrong (a null key, an unknown order) land; the
warehouse puts them in quarantine.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import duckdb

from landing.contract import SYSTEMS, TABLES, Column, ColumnType, Table
from landing.write import Extract, LandingResult, OnTable, digest, quote, write_landing

SUFFIXES = (".csv", ".parquet")
DELIMITERS = ",;\t|"

_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

# What a text must look like, because DuckDB also reads '2017-01-01 10:00+02' as 10 o'clock, '1.5'
# as the whole number 2 and '1_000' as a thousand.
_TEXT_PATTERNS: dict[ColumnType, str] = {
    "integer": r"[+-]?\d+(\.0*)?",
    "quantity": _NUMBER,
    "money": _NUMBER,
    "points": _NUMBER,
    "date": _DATE + r"([T ]00:00(:00(\.0+)?)?)?",
    "timestamp": _DATE + r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?",
}

_INTEGERS = frozenset(
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")
) | {"INTEGER", "UINTEGER"}
_NUMBERS = _INTEGERS | {"FLOAT", "DOUBLE", "DECIMAL"}
_TIMESTAMPS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})

# Parquet types that become a contract type without guessing. A number with a fraction is no
# identifier: 1.0 would become '1.0'.
_PARQUET_TYPES: dict[ColumnType, frozenset[str]] = {
    "text": _INTEGERS | {"VARCHAR", "UUID"},
    "integer": _INTEGERS,
    "quantity": _NUMBERS,
    "money": _NUMBERS,
    "points": _NUMBERS,
    "date": _TIMESTAMPS,
    "timestamp": _TIMESTAMPS,
    "boolean": frozenset({"BOOLEAN"}),
}

_EXPECTED: dict[ColumnType, str] = {
    "text": "text or whole numbers",
    "integer": "a whole number",
    "quantity": "a number such as 1.25",
    "money": "an amount such as 12.34",
    "points": "a number such as 12.5",
    "date": "a date such as 2017-12-31",
    "timestamp": "a local time such as 2017-12-31 18:05:00, without a time zone",
    "boolean": "true or false",
}


@dataclass(frozen=True)
class Problem:
    """One reason why a directory cannot be landed.

    ``count`` and ``rows`` say in how many of the file's rows; ``row`` and ``example`` show the
    first of them, rows counted from 1 without the header. Personal data is never shown.
    """

    table: str | None
    column: str | None
    expected: str
    found: str
    count: int | None = None
    rows: int | None = None
    row: int | None = None
    example: str | None = None

    def __str__(self) -> str:
        """The problem in one line."""
        where = ".".join(part for part in (self.table, self.column) if part)
        text = f"{where}: " if where else ""
        text += f"expected {self.expected}, found {self.found}"
        if self.count is not None:
            text += f" in {self.count:,} of {self.rows:,} rows, first in row {self.row:,}"
        if self.example is not None:
            text += f": {self.example}"
        return text


class LandingError(ValueError):
    """The source does not fit the landing contract; ``problems`` holds every reason found."""

    def __init__(self, source: Path, problems: Sequence[Problem]) -> None:
        """Report the ``problems`` found in the directory ``source``."""
        self.source = source
        self.problems = tuple(problems)
        reasons = "".join(f"\n- {problem}" for problem in self.problems)
        super().__init__(f"{source} cannot be landed:{reasons}")


@dataclass(frozen=True)
class _Field:
    """A contract column as a file has it: how to read it, and when that fails.

    ``value`` is SQL for the typed value, ``is_bad`` a condition for rows that have no such value,
    ``is_rounded`` one for rows that lose decimals.
    """

    column: Column
    raw: str
    value: str
    is_bad: str
    is_rounded: str
    found: str


def land_files(
    source_dir: Path,
    landing_dir: Path,
    *,
    landed_on: date,
    force: bool = False,
    on_table: OnTable | None = None,
    memory_limit: str = "1GB",
) -> LandingResult:
    """Land the files of ``source_dir`` in ``landing_dir`` as of the day ``landed_on``.

    Optional tables and columns that are missing become empty. Files and columns that the contract
    does not have are left out and named in the result's warnings, and so are columns in which
    decimals were rounded. Tables whose file and contract have not changed stay as they are,
    unless ``force``.

    Raises ``LandingError`` with every problem found; the landing is then as it was.
    """
    problems: list[Problem] = []
    if not source_dir.is_dir():
        raise LandingError(
            source_dir, [Problem(None, None, "a directory with files to land", "none")]
        )
    found, warnings = _find_files(source_dir, problems)
    with duckdb.connect(config={"memory_limit": memory_limit}) as connection:
        connection.execute("set enable_progress_bar = false")
        extracts = [
            extract
            for table, path in found.items()
            if (extract := _read(connection, table, path, source_dir, problems)) is not None
        ]
    if problems:
        raise LandingError(source_dir, problems)
    return write_landing(
        landing_dir,
        extracts,
        landed_on=landed_on,
        force=force,
        on_table=on_table,
        warnings=tuple(warnings),
        memory_limit=memory_limit,
    )


def _find_files(source_dir: Path, problems: list[Problem]) -> tuple[dict[Table, Path], list[str]]:
    """The file of each table, and a warning per file that is none's."""
    candidates: dict[Table, list[Path]] = {table: [] for table in TABLES}
    warnings: list[str] = []
    for path in _files_below(source_dir):
        table = _table_of(path.relative_to(source_dir))
        if table is None:
            warnings.append(_unknown_file(path.relative_to(source_dir)))
        else:
            candidates[table].append(path)
    required = [table for table in TABLES if table.required]
    # Without sales there may be a loyalty programme or a mailing list. But a part of the required
    # tables is a mistake, and a file whose name says nothing may be what is missing.
    without_sales = (
        any(candidates.values())
        and not any(candidates[table] for table in required)
        and not warnings
    )
    for table, paths in candidates.items():
        names = " and ".join(str(path.relative_to(source_dir)) for path in paths)
        if len(paths) > 1:
            problems.append(Problem(table.qualified_name, None, "one file", names))
        elif table in required and not paths and not without_sales:
            expected = f"a file {table.name}.csv or {table.name}.parquet"
            problems.append(Problem(table.qualified_name, None, expected, "none"))
    return {table: paths[0] for table, paths in candidates.items() if len(paths) == 1}, warnings


def _files_below(source_dir: Path) -> Iterator[Path]:
    for path in sorted(source_dir.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from (p for p in sorted(path.iterdir()) if not p.name.startswith("."))
        else:
            yield path


def _table_of(name: Path) -> Table | None:
    if name.suffix.lower() not in SUFFIXES:
        return None
    system = name.parent.name
    for table in TABLES:
        if name.stem.lower() == table.name and system.lower() in ("", table.system):
            return table
    return None


def _unknown_file(name: Path) -> str:
    text = f"{name} is no table of the contract and was left out"
    if name.suffix.lower() not in SUFFIXES:
        return f"{text}: only .csv and .parquet files are read"
    if name.parent.name not in ("", *SYSTEMS):
        return f"{text}: directories are {', '.join(SYSTEMS)}"
    return text + _did_you_mean(name.stem, [table.name for table in TABLES])


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    match = get_close_matches(name.lower(), known, n=1)
    return f"; did you mean {match[0]}?" if match else ""


def _read(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    path: Path,
    source_dir: Path,
    problems: list[Problem],
) -> Extract | None:
    """How to write the table from its file; None if that cannot be, with the problems added."""
    try:
        found, relation = _open(connection, path)
        columns = _match_columns(table, list(found), problems)
        fields = [
            _field(table.column(name), found_name, found[found_name])
            for name, found_name in columns.items()
        ]
        rounded, bad = _check(connection, table, fields, relation)
    except UnicodeDecodeError:
        problems.append(Problem(table.qualified_name, None, "text in UTF-8", "another encoding"))
        return None
    except (duckdb.Error, ValueError) as error:
        expected = "a Parquet file" if path.suffix.lower() == ".parquet" else "a CSV file"
        problems.append(Problem(table.qualified_name, None, expected, _reason(error)))
        return None
    problems += bad
    warnings = [
        f"{table.qualified_name} has no column {name} in the contract; it was left out"
        + _did_you_mean(name, [c for c in table.column_names if c not in columns])
        for name in found
        if name not in columns.values()
    ]
    warnings += [
        f"{table.qualified_name}.{field.column.name}: rounded to {field.column.sql_type} "
        f"in {count:,} rows"
        for field, count in rounded
    ]
    values = ", ".join(f"{field.value} as {field.column.name}" for field in fields)
    return Extract(
        table,
        source=f"files: {path.relative_to(source_dir).as_posix()}",
        fingerprint=digest(Path(__file__), table, path),
        write=f"select {values} from {relation}",
        source_bytes=path.stat().st_size,
        warnings=tuple(warnings),
    )


def _open(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[dict[str, str | None], str]:
    """The file's columns with their Parquet types (None for CSV), and SQL that reads it.

    Raises ``ValueError`` or ``duckdb.Error`` if it cannot be read.
    """
    if path.suffix.lower() == ".parquet":
        relation = f"read_parquet({quote(path)})"
        described = connection.execute(f"describe from {relation}").fetchall()
        return {name: str(type_) for name, type_, *_ in described}, relation
    # The dialect is taken from the header alone: DuckDB's detection makes a file with one ragged
    # row into a file with a single column.
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n")
    if not header.strip():
        raise ValueError("an empty file: there is no header")
    delimiter = max(DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter))
    if len({name.strip().lower() for name in names}) < len(names):
        raise ValueError(f"a column name used twice: {header}")
    if not all(name.strip() for name in names):
        raise ValueError(f"a column without a name: {header}")
    columns = ", ".join(f"{quote(name)}: 'varchar'" for name in names)
    relation = (
        f"read_csv({quote(path)}, auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = {quote(delimiter)}, quote = '\"', escape = '\"', nullstr = '')"
    )
    return dict.fromkeys(names), relation


def _match_columns(table: Table, found: Sequence[str], problems: list[Problem]) -> dict[str, str]:
    """The file's name of each contract column that it has."""
    by_name = {name.strip().lower(): name for name in found}
    for column in table.columns:
        if column.required and column.name not in by_name:
            unknown = [name for name in by_name if name not in table.column_names]
            hint = _did_you_mean(column.name, unknown)
            problems.append(
                Problem(
                    table.qualified_name,
                    column.name,
                    f"a column with {_EXPECTED[column.type]}",
                    f"only the columns {', '.join(found)}{hint}",
                )
            )
    return {name: by_name[name] for name in table.column_names if name in by_name}


def _field(column: Column, name: str, parquet_type: str | None) -> _Field:
    raw = '"' + name.replace('"', '""') + '"'
    known = parquet_type is None or parquet_type.split("(")[0] in _PARQUET_TYPES[column.type]
    if not known:
        # A column without a single value has an arbitrary type.
        value, is_bad = "null", f"{raw} is not null"
    elif column.type == "text":
        text = f"cast({raw} as varchar)"
        return _Field(
            column, raw, f"case when trim({text}) <> '' then {text} end", "false", "false", ""
        )
    elif parquet_type is None:
        raw = f"nullif(trim({raw}), '')"
        value = f"try_cast({raw} as {column.sql_type})"
        is_bad = f"{raw} is not null and {value} is null"
        if pattern := _TEXT_PATTERNS.get(column.type):
            is_bad += f" or not regexp_full_match({raw}, {quote(pattern)})"
    else:
        value = f"try_cast({raw} as {column.sql_type})"
        is_bad = f"{raw} is not null and {value} is null"
        if column.type == "date" and parquet_type != "DATE":
            is_bad += f" or {raw} <> date_trunc('day', {raw})"
    is_rounded = "false"
    if column.sql_type.startswith("decimal"):
        # Not the dust of binary fractions (12.300000000000001).
        is_rounded = f"abs(try_cast({raw} as double) - cast({value} as double)) > 0.000001"
    if parquet_type is None:
        found = "other text"
    else:
        found = "other values" if known else f"the type {parquet_type}"
    return _Field(column, raw, value, is_bad, is_rounded, found)


def _check(
    connection: duckdb.DuckDBPyConnection, table: Table, fields: Sequence[_Field], relation: str
) -> tuple[list[tuple[_Field, int]], list[Problem]]:
    """Fields that lose decimals, with the number of rows, and fields with bad values."""
    if not fields:
        return [], []
    # Counting each column makes DuckDB read it, so that a broken row fails here.
    counts = ", ".join(
        f"count({f.raw}), count(*) filter (where {f.is_bad}), "
        f"count(*) filter (where {f.is_rounded})"
        for f in fields
    )
    row = connection.execute(f"select count(*), {counts} from {relation}").fetchone()
    assert row is not None
    rows, per_field = row[0], [row[i : i + 3] for i in range(1, len(row), 3)]
    rounded = [(f, n) for f, (_, _, n) in zip(fields, per_field, strict=True) if n]
    bad = [
        _bad_values(connection, table, field, relation, count=count, rows=rows)
        for field, (_, count, _) in zip(fields, per_field, strict=True)
        if count
    ]
    return rounded, bad


def _bad_values(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    field: _Field,
    relation: str,
    *,
    count: int,
    rows: int,
) -> Problem:
    first = connection.execute(
        f"with numbered as (select row_number() over () as row, * from {relation}) "
        f"select row, cast({field.raw} as varchar) from numbered where {field.is_bad} "
        "order by row limit 1"
    ).fetchone()
    assert first is not None
    return Problem(
        table.qualified_name,
        field.column.name,
        _EXPECTED[field.column.type],
        field.found,
        count,
        rows,
        first[0],
        None if field.column.personal else repr(first[1]),
    )


def _reason(error: Exception) -> str:
    """DuckDB's message without its advice, query and echo of the data."""
    lines = [line.strip() for line in str(error).splitlines()]
    noise = ("Possible", "LINE", "^", "file =", "Original")
    told = [line for line in lines if line and not line.startswith(noise)]
    return "; ".join(told[:2])
