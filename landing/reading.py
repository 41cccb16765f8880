"""Reads a table's files by its contract: every value has the contract's type, or is a problem.

All columns of a CSV file are read as text and then typed, so that nothing depends on the first
rows; those of a Parquet file must have a type that becomes the contract's without guessing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from landing import texts
from landing.contract import Column, ColumnType, Table
from landing.engine import quote
from landing.opening import (
    Opened,
    OtherEncodingError,
    clean_name,
    is_parquet,
    open_file,
)
from landing.problems import Problem, merged

MISSING = texts.SPELT_MISSING
_NAMED = 5

_DATE = r"(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{8})"
_HOUR = r"([01]?\d|2[0-3])"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

# What a text must look like, because DuckDB also reads '2017-01-01 10:00+02' as 10 o'clock, '24:00'
# as the next day, '1.5' as the whole number 2 and '1_000' as a thousand.
_TEXT_PATTERNS: dict[ColumnType, str] = {
    "integer": r"[+-]?\d+(\.0*)?",
    "quantity": _NUMBER,
    "money": _NUMBER,
    "points": _NUMBER,
    "number": _NUMBER,
    "date": _DATE + r"([T ]00:00(:00(\.0+)?)?)?",
    "timestamp": _DATE + rf"([T ]{_HOUR}:\d{{2}}(:\d{{2}}(\.\d+)?)?)?",
}

_INTEGERS = frozenset(
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")
) | {"INTEGER", "UINTEGER"}
_NUMBERS = _INTEGERS | {"FLOAT", "DOUBLE", "DECIMAL"}
_TIMESTAMPS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})

# Parquet types that become a contract type without guessing; texts of numbers must be whole.
_PARQUET_TYPES: dict[ColumnType, frozenset[str]] = {
    "text": _NUMBERS | {"VARCHAR", "UUID"},
    "integer": _INTEGERS,
    "quantity": _NUMBERS,
    "money": _NUMBERS,
    "points": _NUMBERS,
    "number": _NUMBERS,
    "date": _TIMESTAMPS,
    "timestamp": _TIMESTAMPS,
    "boolean": frozenset({"BOOLEAN"}),
}

# Whole numbers above are not all told apart in floating point.
_LARGEST_WHOLE = {"FLOAT": 2**24, "DOUBLE": 2**53}

EXPECTED: Mapping[ColumnType, str] = {
    "text": "text or whole numbers",
    "integer": "a whole number",
    "quantity": "a number such as 1.25",
    "money": "an amount such as 12.34",
    "points": "a number such as 12.5",
    "number": "a number such as 12.5",
    "date": "a date such as 2017-12-31",
    "timestamp": "a local time such as 2017-12-31 18:05:00, without a time zone",
    "boolean": "true or false",
}

_DAY_FIRST = "year, month and day in this order are the only ones that are read: write 2017-12-31"
_ZONE = "it has a time zone: write the local time of the store, without a zone"
_DECIMAL = "write a decimal point and no thousands separator: 1234.50"
# What a text probably is, and how to write it.
_TEXT_REMEDIES: dict[str, tuple[tuple[str, str], ...]] = {
    "time": (
        (r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*", _DAY_FIRST),
        (r"(?i).*\d ?[ap]\.?m\.?", "write the hours from 0 to 23"),
        (r".*[T ]24:.*", "a day has the hours 0 to 23: its end is 00:00 of the next day"),
        (r"\d{4}.*:\d\d.*([Zz]|[+-]\d\d(:?\d\d)?| ?[A-Z]{3,4})", _ZONE),
        (r"\d{5}([.,]\d+)?", "it may be a day as spreadsheets number them: write 2017-12-31"),
        (r"\d{9,19}([.,]\d+)?", "it may be a time counted from 1970: write 2017-12-31 18:05:00"),
        (r".*[A-Za-z]{3}.*\d.*|\d.*[A-Za-z]{3}.*", _DAY_FIRST),
    ),
    "number": (
        (r"[-+]?[\d.' \u00a0]*\d,\d+", _DECIMAL),
        (r"(?=.*[,' \u00a0_])[-+]?[\d,' \u00a0_]+(\.\d+)?", _DECIMAL),
        (r"\(.*\)|.*\d-", "write a minus sign before a negative number: -12.50"),
        (r".*\d.*[^\d.].*|[^\d.].*\d.*", "write the number alone, without currency or unit"),
    ),
}
_CASTS: dict[ColumnType, str] = {
    "text": "text",
    "integer": "a whole number",
    "quantity": "decimal(18,3)",
    "money": "decimal(18,2)",
    "points": "decimal(18,2)",
    "number": "double",
    "date": "date",
    "timestamp": "a time stamp without a time zone, in the local time of the store,",
    "boolean": "boolean",
}
_TYPE_REMEDIES: dict[str, str] = {
    "TIMESTAMP WITH TIME ZONE": "convert it to the local time of the store and drop the time zone",
    "BLOB": "cast it to text where the file is made",
}


@dataclass(frozen=True)
class Field:
    """A contract column as files have it: how to read it, and when that fails.

    ``value`` is SQL for the typed value, ``is_bad`` a condition for rows that have no such value,
    ``is_rounded`` one for rows that lose decimals, ``is_odd`` one for texts to look at again.
    """

    column: Column
    raw: str
    value: str
    is_bad: str = "false"
    is_rounded: str = "false"
    is_odd: str = "false"
    found: str = "other values"
    remedy: str | None = None
    is_text: bool = False
    is_identifier_text: bool = False


@dataclass(frozen=True)
class Odd:
    """What was done to texts of a column, how often, and the first example by the alphabet."""

    column: Column
    kind: int
    count: int
    example: str


@dataclass(frozen=True)
class FileReading:
    """A file that can be read, and what a look at every row of it found.

    ``odd`` are texts that do not mean what they say; ``rounded`` has the rows that lose decimals by
    column. ``select`` makes the query.
    """

    opened: Opened
    fields: tuple[Field, ...]
    rows: int
    odd: tuple[Odd, ...]
    rounded: Mapping[str, int]

    def values(self, whole_floats: Callable[[Column], bool]) -> list[tuple[str, str]]:
        """Columns with SQL for their values."""
        return [
            (f.column.name, texts.identifier(f.raw, whole_floats=whole_floats(f.column)))
            if f.is_identifier_text
            else (f.column.name, f.value)
            for f in self.fields
        ]

    def select(self, whole_floats: Callable[[Column], bool], opened: Opened | None = None) -> str:
        """SQL for the rows, in the order in which the file has them.

        ``whole_floats`` says of an identifier's column whether 1001.0 is 1001 in it. ``opened`` is
        the file opened again.
        """
        columns = ", ".join(f"{value} as {name}" for name, value in self.values(whole_floats))
        return f"select {columns} from {(opened or self.opened).relation}"

    def findings(self) -> dict[str, Any]:
        """What ``found_before`` needs to spare another look, for JSON."""
        return {
            "columns": self.opened.columns,
            "options": self.opened.options,
            "unusable": self.opened.unusable,
            "skipped": self.opened.skipped,
            "rows": self.rows,
            "not_plain": [f.column.name for f in self.fields if f.is_identifier_text],
            "odd": [(odd.column.name, odd.kind, odd.count, odd.example) for odd in self.odd],
            "rounded": dict(self.rounded),
        }


@dataclass(frozen=True)
class Reading:
    """A table that can be read, file by file."""

    table: Table
    files: tuple[FileReading, ...]
    warnings: tuple[str, ...]

    @property
    def odd(self) -> tuple[Odd, ...]:
        """What was odd in all files together, column by column."""
        found: dict[tuple[str, int], list[Odd]] = {}
        for odd in (odd for file in self.files for odd in file.odd):
            found.setdefault((odd.column.name, odd.kind), []).append(odd)
        return tuple(
            replace(
                found[name, kind][0],
                count=sum(odd.count for odd in found[name, kind]),
                example=min(odd.example for odd in found[name, kind]),
            )
            for name, kind in sorted(
                found, key=lambda key: (self.table.column_names.index(key[0]), key[1])
            )
        )


def read_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    paths: Sequence[Path],
    problems: list[Problem],
    *,
    scratch: Path,
    missing: Mapping[str | None, Sequence[str]] | None = None,
    below: Path | None = None,
    known: Mapping[Path, Mapping[str, Any]] | None = None,
) -> Reading | None:
    """The table as its files have it; None if that cannot be, with the problems added.

    ``scratch`` is a directory for copies that must stay until the rows have been read. ``missing``
    has texts that mean that there is no value, by column or, for all, under None. Files are named
    as they lie ``below``. ``known`` has the findings of files that have not changed since: those
    are not opened.
    """
    several = len(paths) > 1

    def file(path: Path) -> str | None:
        """The file's name, where it must be told."""
        return str(path.relative_to(below) if below else path.name) if several else None

    found: list[Problem] = []
    reader = _Reader(connection, table, missing or {}, found, file)
    known = known or {}
    opened: list[Opened] = []
    for path in paths:
        try:
            opened.append(
                _opened_before(path, known[path])
                if path in known
                else open_file(connection, table, path, scratch)
            )
        except (duckdb.Error, ValueError) as error:
            reader.cannot_be_read(path, error)
    if len(opened) < len(paths) or not reader.have_the_columns(opened):
        problems += merged(found)
        return None
    files: list[FileReading] = []
    for one in opened:
        try:
            files.append(
                reader.found_before(one, known[one.path])
                if one.path in known
                else reader.examined(one)
            )
        except (duckdb.Error, ValueError) as error:
            reader.cannot_be_read(one.path, error)
    if found:
        problems += merged(found, rows=sum(one.rows for one in files))
        return None
    skipped = sum(one.skipped for one in opened)
    warnings = _left_out(table, [name for one in opened for name in one.columns])
    if skipped:
        lines = "1 line" if skipped == 1 else f"{skipped:,} lines"
        warnings.append(f"{table.qualified_name}: {lines} before the header left out")
    rounded: Counter[str] = Counter()
    for file_read in files:
        rounded.update(file_read.rounded)
    warnings += [
        f"{table.qualified_name}.{name}: rounded to {table.column(name).sql_type} in {n:,} rows"
        for name, n in rounded.items()
    ]
    return Reading(table, tuple(files), tuple(warnings))


def _opened_before(path: Path, findings: Mapping[str, Any]) -> Opened:
    return Opened(
        path,
        dict(findings["columns"]),
        findings["options"],
        dict(findings["unusable"]),
        findings["skipped"],
    )


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A hint at the known name that looks like this one, if there is any."""
    match = get_close_matches(name.lower(), known, n=1)
    return f"; did you mean {match[0]}?" if match else ""


@dataclass(frozen=True)
class _Reader:
    """Reads files of one table, and adds to the problems."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    missing: Mapping[str | None, Sequence[str]]
    problems: list[Problem]
    file: Callable[[Path], str | None]

    def problem(self, column: str | None, expected: str, found: str, **more: Any) -> None:
        """Add a problem of the table."""
        name = self.table.qualified_name
        self.problems.append(Problem(name, column, expected, found, **more))

    def cannot_be_read(self, path: Path, error: Exception) -> None:
        """Add the problem of a file that is none of its kind."""
        if isinstance(error, OtherEncodingError):
            found, remedy = f"another encoding in line {error.line:,}", "save it as CSV (UTF-8)"
            self.problem(None, "text in UTF-8", found, remedy=remedy, file=self.file(path))
        else:
            expected = "a Parquet file" if is_parquet(path) else "a CSV file"
            self.problem(None, expected, _reason(error), file=self.file(path))

    def have_the_columns(self, opened: Sequence[Opened]) -> bool:
        """Whether the required columns are there, and no file lacks one that another has."""
        before = len(self.problems)
        of_each = [({clean_name(name) for name in one.columns}, one) for one in opened]
        for column in self.table.columns:
            having = [one.path for names, one in of_each if column.name in names]
            lacking = [one.path for names, one in of_each if column.name not in names]
            if not lacking:
                continue
            if column.required:
                for names, one in of_each:
                    if column.name not in names:
                        unknown = sorted(names - set(self.table.column_names))
                        hint = did_you_mean(column.name, unknown)
                        found = f"only the columns {', '.join(one.columns)}{hint}"
                        expected = f"a column with {EXPECTED[column.type]}"
                        self.problem(column.name, expected, found, file=self.file(one.path))
            elif having:
                expected = "the same columns in every file"
                if len(having) < len(lacking):
                    found = f"it only in {self._named(having)}"
                else:
                    found = f"none of this name in {self._named(lacking)}"
                self.problem(column.name, expected, found)
        return len(self.problems) == before

    def _named(self, paths: Sequence[Path]) -> str:
        names = [self.file(path) or path.name for path in paths]
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        return ", ".join(names[:_NAMED]) + more

    def found_before(self, opened: Opened, findings: Mapping[str, Any]) -> FileReading:
        """A file that has not changed since it was examined."""
        fields = [
            field if field.column.name in findings["not_plain"] else _plain(field)
            for field in self._fields(opened)
        ]
        odd = [
            Odd(self.table.column(name), kind, count, example)
            for name, kind, count, example in findings["odd"]
        ]
        rounded = findings["rounded"]
        return FileReading(opened, tuple(fields), findings["rows"], tuple(odd), rounded)

    def examined(self, opened: Opened) -> FileReading:
        """Look at every row of a file: texts that are odd, and columns with rounded rows."""
        fields = self._fields(opened)
        # Counting each column makes DuckDB read it, so that a broken row fails here.
        counts = ", ".join(
            f"count({f.raw}), count(*) filter (where {f.is_bad}), "
            f"count(*) filter (where {f.is_rounded}), count(*) filter (where {f.is_odd})"
            for f in fields
        )
        query = f"select count(*){', ' if fields else ''}{counts} from {opened.relation}"
        row = self.connection.execute(query).fetchone()
        assert row is not None
        per_field = [row[i + 1 : i + 4] for i in range(1, len(row), 4)]
        kept: list[Field] = []
        odd: list[Odd] = []
        rounded: dict[str, int] = {}
        for field, (bad, n_rounded, n_odd) in zip(fields, per_field, strict=True):
            seen = self._second_look(opened, field, bad) if n_odd or bad else []
            odd += [Odd(field.column, kind, n, example) for kind, n, example, _ in seen if kind]
            self._add_bad(opened, field, bad, row[0], {kind: n for kind, n, *_ in seen})
            if n_rounded:
                rounded[field.column.name] = n_rounded
            kept.append(field if any(changed for *_, changed in seen) else _plain(field))
        return FileReading(opened, tuple(kept), row[0], tuple(odd), rounded)

    def _fields(self, opened: Opened) -> list[Field]:
        names = {clean_name(name): name for name in opened.columns}
        return [
            _field(column, names[column.name], opened, self._missing_of(column))
            for column in self.table.columns
            if column.name in names
        ]

    def _missing_of(self, column: Column) -> list[str]:
        return [*self.missing.get(None, ()), *self.missing.get(column.name, ())]

    def _second_look(
        self, opened: Opened, field: Field, bad: int
    ) -> list[tuple[int, int, str, bool]]:
        """Kinds of odd texts with their rows, an example, and whether the text is changed."""
        if field.is_identifier_text:
            kind = texts.identifier_kind("odd")
            changed = f"odd is distinct from ({texts.identifier('odd', whole_floats=True)})"
        elif field.is_text:
            kind, changed = f"case when {texts.spells_missing('odd')} then {MISSING} end", "true"
        else:
            return []
        condition = f"({field.is_bad}) or ({field.is_odd})" if bad else field.is_odd
        return self.connection.execute(
            f"with seen as (select {field.raw} as odd, count(*) as row_count "
            f"from {opened.relation} where {condition} group by odd) "
            f"select coalesce({kind}, 0), cast(sum(row_count) as bigint), min(odd), "
            f"bool_or({changed}) from seen group by 1 order by 1"
        ).fetchall()

    def _add_bad(
        self, opened: Opened, field: Field, bad: int, rows: int, kinds: Mapping[int, int]
    ) -> None:
        """Add the problem of a column with values that are none."""
        column = field.column
        remedy: str | None
        if count := kinds.get(texts.SCIENTIFIC, 0):
            condition = f"{texts.identifier_kind(field.raw)} = {texts.SCIENTIFIC}"
            expected, found = (
                "identifiers as they were issued",
                "numbers cut short by a spreadsheet",
            )
            remedy = (
                "different ones have become the same: export the column again, as text, and do not "
                "save the file from a spreadsheet"
            )
        elif bad and column.nullable and field.is_text:
            count = bad - kinds.get(MISSING, 0)
            condition = f"({field.is_bad}) and not {texts.spells_missing(field.raw)}"
            expected, found, remedy = EXPECTED[column.type], field.found, field.remedy
        else:
            count, condition = bad, field.is_bad
            expected, found, remedy = EXPECTED[column.type], field.found, field.remedy
        if not count:
            return
        row, example = self._first(opened, field, condition)
        self.problem(
            column.name,
            expected,
            found,
            count=count,
            rows=rows,
            row=row,
            example=None if self.table.is_about_persons else repr(example),
            remedy=remedy or (_remedy(column, example) if field.is_text else None),
            file=self.file(opened.path),
        )

    def _first(self, opened: Opened, field: Field, condition: str) -> tuple[int, str]:
        """The first row that meets a condition."""
        found = self.connection.execute(
            "with numbered as (select row_number() over () as row_number, * "
            f"from {opened.relation}) "
            f"select row_number, cast({field.raw} as varchar) from numbered where {condition} "
            "order by row_number limit 1"
        ).fetchone()
        assert found is not None
        return found[0], found[1]


def _plain(field: Field) -> Field:
    """The field where none of its texts is other than it is written."""
    if not field.is_identifier_text:
        return field
    return replace(field, value=field.raw, is_identifier_text=False)


def _field(column: Column, name: str, opened: Opened, missing: Sequence[str]) -> Field:
    raw = '"' + name.replace('"', '""') + '"'
    parquet_type = opened.columns[name]
    if missing:
        spelt = texts.is_one_of(f"cast({raw} as varchar)", missing)
        raw = f"(case when {spelt} then null else {raw} end)"
    if name in opened.unusable:
        return _unusable(column, raw, opened.unusable[name])
    if parquet_type is None or (parquet_type == "VARCHAR" and column.type == "text"):
        return _text_field(column, raw)
    return _parquet_field(column, raw, parquet_type)


def _text_field(column: Column, raw: str) -> Field:
    if column.is_identifier:
        value = texts.identifier(raw, whole_floats=False)
        odd = f"{raw} is not null and not {texts.is_plain_identifier(raw)}"
        return Field(column, raw, value, is_odd=odd, is_identifier_text=True, is_text=True)
    if column.accepted_values:
        known = ", ".join(quote(value) for value in column.accepted_values)
        value, odd = texts.accepted(raw, column.accepted_values), f"{raw} not in ({known})"
        return Field(column, raw, value, is_odd=odd, is_text=True)
    if column.type == "text":
        return Field(column, raw, texts.trimmed(raw), is_text=True)
    raw = texts.trimmed(raw)
    text = raw
    if column.type in ("date", "timestamp"):
        text = rf"regexp_replace({raw}, '^(\d{{4}})(\d{{2}})(\d{{2}})$', '\1-\2-\3')"
    value = f"try_cast({text} as {column.sql_type})"
    bad = f"{raw} is not null and {value} is null"
    if pattern := _TEXT_PATTERNS.get(column.type):
        bad += f" or not regexp_full_match({raw}, {quote(pattern)})"
    rounded = _is_rounded(column, raw, value)
    return Field(column, raw, value, bad, rounded, found="other text", is_text=True)


def _parquet_field(column: Column, raw: str, parquet_type: str) -> Field:
    base = parquet_type.split("(", maxsplit=1)[0]
    if base not in _PARQUET_TYPES[column.type]:
        remedy = _TYPE_REMEDIES.get(base, f"cast it to {_CASTS[column.type]} where it is made")
        return _unusable(column, raw, f"the type {parquet_type}", remedy)
    is_floating = base in _LARGEST_WHOLE
    if column.type == "text" and (is_floating or base == "DECIMAL"):
        return _whole_number(column, raw, base)
    value = f"try_cast({raw} as {column.sql_type})"
    there = f"{raw} is not null" + (f" and not isnan({raw})" if is_floating else "")
    if is_floating and not column.nullable:
        there = f"{raw} is not null"
    bad = f"{there} and {value} is null"
    if column.type == "date" and parquet_type != "DATE":
        bad += f" or {raw} <> date_trunc('day', {raw})"
    if base == "FLOAT":
        # Twenty-four bits hold 12.34 only nearly: nothing is lost if they come back.
        rounded = f"not isnan({raw}) and cast({value} as float) <> {raw}"
    else:
        rounded = _is_rounded(column, raw, value)
    return Field(column, raw, value, bad, rounded)


def _whole_number(column: Column, raw: str, base: str) -> Field:
    """A text from numbers that are whole, whatever their type."""
    value = f"cast(try_cast({raw} as hugeint) as varchar)"
    bad = f"{raw} <> trunc({raw})"
    remedy = "cast it to text where it is made, before it becomes a number with a fraction"
    if largest := _LARGEST_WHOLE.get(base):
        bad = f"not isnan({raw}) and ({bad} or abs({raw}) > {largest})"
        remedy += f" (above {largest:,} whole numbers of this type are not all told apart)"
        value = f"case when not isnan({raw}) then {value} end"
    found = f"values of the type {base} that are not whole"
    return Field(column, raw, value, bad, found=found, remedy=remedy)


def _unusable(column: Column, raw: str, found: str, remedy: str | None = None) -> Field:
    # A column without a single value has an arbitrary type.
    remedy = remedy or f"cast it to {_CASTS[column.type]} where it is made"
    return Field(column, raw, "null", f"{raw} is not null", found=found, remedy=remedy)


def _is_rounded(column: Column, raw: str, value: str) -> str:
    if not column.sql_type.startswith("decimal"):
        return "false"
    # Not the dust of binary fractions (12.300000000000001).
    return f"abs(try_cast({raw} as double) - cast({value} as double)) > 0.000001"


def _remedy(column: Column, example: str) -> str | None:
    if not column.nullable and clean_name(example) in texts.MISSING:
        return "a row without a value leaves it empty"
    kind = "time" if column.type in ("date", "timestamp") else "number"
    if column.type in ("text", "boolean"):
        return None
    for pattern, remedy in _TEXT_REMEDIES[kind]:
        if re.fullmatch(pattern, example, re.DOTALL):
            return remedy
    return None


def _left_out(table: Table, names: Iterable[str]) -> list[str]:
    """A warning that names columns which the contract does not have."""
    known = set(table.column_names)
    found = {clean_name(name) for name in names}
    unknown = list(dict.fromkeys(name for name in names if clean_name(name) not in known))
    if not unknown:
        return []
    lacking = [name for name in table.column_names if name not in found]
    if len(unknown) == 1:
        hint = did_you_mean(unknown[0], lacking)
        return [
            f"{table.qualified_name} has no column {unknown[0]} in the contract; it was left out"
            + hint
        ]
    hints = [f"{name}{did_you_mean(name, lacking)}" for name in unknown]
    # Those that look like a column of the contract come first: something is lost there.
    hints.sort(key=lambda hint: not hint.endswith("?"))
    more = f" and {len(hints) - _NAMED:,} more" if len(hints) > _NAMED else ""
    return [
        f"{table.qualified_name} has {len(unknown):,} columns that are not in the contract; they "
        f"were left out: {'; '.join(hints[:_NAMED])}{more}"
    ]


def _reason(error: Exception) -> str:
    """DuckDB's message without its advice, query and echo of the data."""
    lines = [line.strip() for line in str(error).splitlines()]
    noise = ("Possible", "LINE", "^", "file =", "Original", "Stack Trace", "/", "*")
    told = [line for line in lines if line and not line.startswith(noise)]
    return "; ".join(told[:2])
