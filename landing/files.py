"""Lands a user's own data: a directory with CSV or Parquet files for the tables of the contract.

Values are never guessed: one that does not have the contract's type is an error, and all of them
are reported at once. Rows that are well typed but wrong (a null key, an unknown order) land; the
warehouse puts them in quarantine.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from landing import texts
from landing.contract import TABLES, Column
from landing.find import find_files
from landing.problems import LandingError, Problem
from landing.reading import Reading, read_table
from landing.write import Extract, LandingResult, OnTable, digest, write_landing

__all__ = ["LandingError", "Problem", "land_files"]

# What rows depend on besides files and contract: a change here reads everything again.
_CODE = tuple(
    Path(__file__).with_name(name)
    for name in ("files.py", "find.py", "opening.py", "reading.py", "texts.py")
)


def land_files(
    source_dir: Path,
    landing_dir: Path,
    *,
    landed_on: date,
    force: bool = False,
    on_table: OnTable | None = None,
    memory_limit: str = "1GB",
    missing_values: Sequence[str] = (),
) -> LandingResult:
    """Land the files of ``source_dir`` in ``landing_dir`` as of the day ``landed_on``.

    Optional tables and columns that are missing become empty. Files and columns that the contract
    does not have are left out and named in the result's warnings; so is everything that was read
    otherwise than it is written: decimals rounded, missing values spelt out in identifiers, what a
    spreadsheet put around them. Tables whose files and contract have not changed stay as they are,
    unless ``force``. ``missing_values`` are texts that mean that there is no value, as ``text`` or,
    for one column, as ``column=text``.

    Raises ``LandingError`` with every problem found; the landing is then as it was.
    """
    if not source_dir.is_dir():
        raise LandingError(
            source_dir, [Problem(None, None, "a directory with files to land", "none")]
        )
    problems: list[Problem] = []
    found = find_files(source_dir, problems)
    missing = _missing_by_column(missing_values)
    with _scratch(landing_dir) as scratch:
        with duckdb.connect(config={"memory_limit": memory_limit}) as connection:
            connection.execute("set enable_progress_bar = false")
            readings = [
                reading
                for table, paths in found.files.items()
                if (
                    reading := read_table(
                        connection,
                        table,
                        paths,
                        problems,
                        scratch=scratch,
                        missing=missing,
                        below=source_dir,
                    )
                )
                is not None
            ]
        if problems:
            raise LandingError(source_dir, problems)
        floats = _floats(readings)
        return write_landing(
            landing_dir,
            [_extract(reading, source_dir, floats) for reading in readings],
            landed_on=landed_on,
            force=force,
            on_table=on_table,
            warnings=tuple(found.warnings),
            memory_limit=memory_limit,
        )


@contextlib.contextmanager
def _scratch(landing_dir: Path) -> Iterator[Path]:
    """A directory for copies of source files, where there is room for the landing."""
    landing_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=landing_dir.parent, prefix=".landing.copies.") as path:
        yield Path(path)


def _missing_by_column(missing_values: Iterable[str]) -> Mapping[str | None, list[str]]:
    columns = {name for table in TABLES for name in table.column_names}
    found: dict[str | None, list[str]] = {}
    for entry in missing_values:
        name, equals, text = entry.partition("=")
        column = name.strip().lower() if equals else ""
        if column in columns:
            found.setdefault(column, []).append(text.strip().lower())
        else:
            found.setdefault(None, []).append(entry.strip().lower())
    return found


def _floats(readings: Sequence[Reading]) -> frozenset[str]:
    """Identities whose identifiers were whole numbers before they became floating point.

    Something is written as 1001.0 somewhere, and nothing as 1001.5 anywhere: in all tables that
    share the identifiers, or they would no longer find each other.
    """
    whole, fractions = (
        {
            reading.table.identity(odd.column)
            for reading in readings
            for odd in reading.odd
            if odd.kind == kind and odd.column.is_identifier
        }
        for kind in (texts.WHOLE_FLOAT, texts.FRACTION)
    )
    return frozenset(whole - fractions)


def _extract(reading: Reading, source_dir: Path, floats: frozenset[str]) -> Extract:
    def is_whole_float(column: Column) -> bool:
        return reading.table.identity(column) in floats

    names = [path.relative_to(source_dir).as_posix() for path in reading.paths]
    source = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}, {len(names):,} files"
    how = [(part.opened.options, len(part.opened.paths)) for part in reading.parts]
    return Extract(
        reading.table,
        source=f"files: {source}",
        fingerprint=digest(
            *_CODE, reading.table, how, reading.values(is_whole_float), *reading.paths
        ),
        write=reading.select(is_whole_float),
        source_bytes=sum(path.stat().st_size for path in reading.paths),
        warnings=(*reading.warnings, *odd_texts(reading, is_whole_float)),
    )


def odd_texts(reading: Reading, is_whole_float: Callable[[Column], bool]) -> list[str]:
    """A warning for each column whose texts were not taken as they are written."""
    warnings = []
    by_kind: dict[tuple[str, int], tuple[Column, int, str]] = {}
    for odd in reading.odd:
        before = by_kind.get((odd.column.name, odd.kind), (odd.column, 0, odd.example))
        by_kind[odd.column.name, odd.kind] = (odd.column, before[1] + odd.count, before[2])
    for (name, kind), (column, count, example) in by_kind.items():
        told = _TOLD.get(kind)
        if kind == texts.WHOLE_FLOAT and not is_whole_float(column):
            told = "kept as it is although it may be a whole number, for others have decimals"
        if told:
            rows = "1 row" if count == 1 else f"{count:,} rows"
            text = f"{reading.table.qualified_name}.{name}: {told} in {rows}, such as {example!r}"
            warnings.append(text)
    return warnings


_TOLD = {
    texts.SPELT_MISSING: "read as missing",
    texts.WHOLE_FLOAT: "read as a whole number",
    texts.WRAPPED: "taken out of quotes",
}
