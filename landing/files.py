"""Lands a user's own data: a directory with CSV or Parquet files for the tables of the contract.

Each file is a batch. What a look at it found is kept with the batch, so that a file which has not
changed is not even opened: the 366th daily file costs as much as one.

Values are never guessed: one that does not have the contract's type is an error, and all of them
are reported at once. Rows that are well typed but wrong (a null key, an unknown order) land; the
warehouse puts them in quarantine.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from landing.contract import TABLES, Column, Table
from landing.engine import connect
from landing.find import find_files
from landing.odd import floats, odd_texts
from landing.opening import open_file
from landing.problems import LandingError, Problem
from landing.reading import FileReading, Reading, read_table
from landing.suppression import Suppression
from landing.write import (
    Batches,
    Extract,
    LandingResult,
    OnTable,
    Writer,
    digest,
    read_batches,
    recover,
    write_landing,
    write_query,
)

__all__ = ["LandingError", "Problem", "land_files"]

# What rows depend on besides files and contract: a change here reads everything again.
_CODE = tuple(
    Path(__file__).with_name(name)
    for name in ("files.py", "odd.py", "opening.py", "reading.py", "texts.py")
)

_SETTLED_AFTER = 2_000_000_000
"""Nanoseconds: clocks of file systems are coarse, and a file that changed again meanwhile may have
the time that it had when it was read."""


def land_files(
    source_dir: Path,
    landing_dir: Path,
    *,
    landed_on: date,
    force: bool = False,
    on_table: OnTable | None = None,
    missing_values: Sequence[str] = (),
    time_zone: str | None = None,
    currency: str | None = None,
    suppression: Suppression | None = None,
) -> LandingResult:
    """Land the files of ``source_dir`` in ``landing_dir`` as of the day ``landed_on``.

    Optional tables and columns that are missing become empty. Files and columns that the contract
    does not have are left out and named in the result's warnings; so is everything that was read
    otherwise than it is written: decimals rounded, missing values spelt out in identifiers, what a
    spreadsheet put around them. Files that have not changed, nor the contract of their table, are
    not read again, unless ``force``; of those that are gone, the rows are gone too, with a warning.
    ``missing_values`` are texts that mean that there is no value, as ``text`` or, for one column,
    as ``column=text``. Persons whom ``suppression`` lists stay out.

    Raises ``LandingError`` with every problem found; the landing is then as it was.
    """
    if not source_dir.is_dir():
        raise LandingError(
            source_dir, [Problem(None, None, "a directory with files to land", "none")]
        )
    problems: list[Problem] = []
    found = find_files(source_dir, problems)
    missing = _missing_by_column(missing_values)
    recover(landing_dir)
    with _scratch(landing_dir) as scratch:
        with connect() as connection:
            before = {} if force else read_batches(connection, landing_dir)
            sources = {
                table: _sources(table, batches, before, missing)
                for table, batches in found.files.items()
            }
            readings = [
                reading
                for table, of_table in sources.items()
                if (
                    reading := read_table(
                        connection,
                        table,
                        [source.path for source in of_table],
                        problems,
                        scratch=scratch,
                        missing=missing,
                        below=source_dir,
                        known={s.path: s.findings for s in of_table if s.findings is not None},
                    )
                )
                is not None
            ]
        if problems:
            raise LandingError(source_dir, problems)
        whole = floats(readings)
        return write_landing(
            landing_dir,
            [
                extract
                for reading in readings
                for extract in _extracts(
                    reading, sources[reading.table], whole, source_dir=source_dir, scratch=scratch
                )
            ],
            landed_on=landed_on,
            time_zone=time_zone,
            currency=currency,
            force=force,
            on_table=on_table,
            warnings=tuple(found.warnings),
            suppression=suppression,
        )


@dataclass(frozen=True)
class _Source:
    """A file that is a batch, with a hash of its contents and, if known, what they are like.

    ``read_as`` identifies what the findings depend on besides the contents. ``stamp`` is what the
    file system says about the file; None if it may still be changing.
    """

    batch: str
    path: Path
    size: int
    content: str
    read_as: str
    stamp: list[int] | None
    findings: Mapping[str, Any] | None


def _sources(
    table: Table,
    batches: Mapping[str, Path],
    before: Batches,
    missing: Mapping[str | None, Sequence[str]],
) -> list[_Source]:
    """The files of a table; what is known of them from the landing before, if they are the same."""
    read_as = digest(*_CODE, table, sorted(missing.items(), key=str))
    sources = []
    for batch, path in batches.items():
        about = path.stat()
        last = before.get((table.qualified_name, batch))
        known = (last.known if last else None) or {}
        stamp = _stamp(about)
        # Told by the file system, so that a file that is still the same is not opened.
        same = stamp is not None and stamp == known.get("stamp")
        content = last.content if same and last else digest(path)
        as_before = last is not None and content == last.content and known.get("as") == read_as
        sources.append(
            _Source(
                *(batch, path, about.st_size, content, read_as, stamp),
                known["findings"] if as_before else None,
            )
        )
    return sources


def _stamp(about: os.stat_result) -> list[int] | None:
    """Size and times of change of a file; None if they are too fresh to tell two changes apart.

    A copy may keep the time of the original, but not that of its own entry in the file system.
    """
    changed = max(about.st_mtime_ns, about.st_ctime_ns)
    if time.time_ns() - changed < _SETTLED_AFTER:
        return None
    return [about.st_size, about.st_mtime_ns, about.st_ctime_ns]


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


def _extracts(
    reading: Reading,
    sources: Sequence[_Source],
    whole: frozenset[str],
    *,
    source_dir: Path,
    scratch: Path,
) -> list[Extract]:
    def is_whole_float(column: Column) -> bool:
        return reading.table.identity(column) in whole

    def writer(source: _Source, file: FileReading) -> Writer:
        def write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
            opened = file.opened
            if source.findings is not None:
                opened = open_file(connection, reading.table, source.path, scratch)
            write_query(connection, reading.table, file.select(is_whole_float, opened), path)

        return write

    warnings = (*reading.warnings, *odd_texts(reading, is_whole_float))
    return [
        Extract(
            reading.table,
            source=f"files: {source.path.relative_to(source_dir).as_posix()}",
            fingerprint=digest(
                source.read_as, file.opened.options, file.values(is_whole_float), source.content
            ),
            write=writer(source, file),
            source_bytes=source.size,
            warnings=() if number else warnings,
            batch=source.batch,
            content=source.content,
            known={"stamp": source.stamp, "as": source.read_as, "findings": file.findings()},
        )
        for number, (source, file) in enumerate(zip(sources, reading.files, strict=True))
    ]
