"""Lands a user's own data: a directory with CSV or Parquet files for the tables of the contract.

Values are never guessed: one that does not have the contract's type is an error, and all of them
are reported at once. Rows that are well typed but wrong (a null key, an unknown order) land; the
warehouse puts them in quarantine.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from landing.contract import TABLES, Column
from landing.engine import connect
from landing.find import find_files
from landing.odd import floats, odd_texts
from landing.problems import LandingError, Problem
from landing.reading import Reading, read_table
from landing.write import Extract, LandingResult, OnTable, digest, write_landing

__all__ = ["LandingError", "Problem", "land_files"]

# What rows depend on besides files and contract: a change here reads everything again.
_CODE = tuple(
    Path(__file__).with_name(name)
    for name in ("files.py", "find.py", "odd.py", "opening.py", "reading.py", "texts.py")
)


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
        with connect() as connection:
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
        whole = floats(readings)
        return write_landing(
            landing_dir,
            [_extract(reading, source_dir, whole) for reading in readings],
            landed_on=landed_on,
            time_zone=time_zone,
            currency=currency,
            force=force,
            on_table=on_table,
            warnings=tuple(found.warnings),
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


def _extract(reading: Reading, source_dir: Path, whole: frozenset[str]) -> Extract:
    def is_whole_float(column: Column) -> bool:
        return reading.table.identity(column) in whole

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
