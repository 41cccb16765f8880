"""Finds the files of each table in a directory.

A table is one file, several whose names end in a number or date, and a folder of files; each named
``<table>`` or lying in a folder named as the table's system. A file is a batch, named by what its
name adds to that of the table: ``orders_2024-01.csv`` and ``orders/2024-01.csv.gz`` are the same
one, and one of them too many.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from landing.contract import SYSTEMS, TABLES, Table
from landing.problems import Problem
from landing.reading import did_you_mean

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
SUFFIXES = (*TEXT_SUFFIXES, ".parquet", ".pq")

# What follows a table's name in that of one of its files: orders_2024-01, orders-part-0, orders.3.
_UNITS = "part|chunk|batch|file|year|month|week|day|y|q|m|w|d"
_NUMBERED = re.compile(rf"[-_. ]?({_UNITS})?[-_. ]?\d[-_.\dtqwz]*")
_NAMED = 10
_UNSAFE = frozenset('/\\*?[]{}%:"<>|').union(map(chr, range(32)))
_LONGEST = 200  # bytes

_BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True)
class Found:
    """The files of each table by the names of their batches, in order; and what was left out."""

    files: dict[Table, Mapping[str, Path]]
    warnings: list[str]


@dataclass
class _Candidates:
    """Files of one table, with the names of their batches."""

    batches: list[tuple[str, Path]] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.batches or self.unreadable)


def find_files(source_dir: Path, problems: list[Problem]) -> Found:
    """The files of each table; what cannot be decided is added to the problems."""
    candidates = {table: _Candidates() for table in TABLES}
    warnings: list[str] = []
    seen: list[str] = []
    for path, system in _entries(source_dir):
        name = path.relative_to(source_dir).as_posix()
        table = _table_of(path, system)
        if path.is_dir():
            files_inside = _inside(path)
            inside = [file for file in files_inside if _suffix(file) in SUFFIXES]
            seen += [file.relative_to(source_dir).as_posix() for file in files_inside]
            if table is None or not inside:
                warnings.append(_unknown(name, system, table))
            else:
                candidates[table].batches += [(_batch(table, file, path), file) for file in inside]
                warnings += _partitions(table, path, inside)
            continue
        seen.append(name)
        if table is None:
            warnings.append(_unknown(name, system, table))
        elif _suffix(path) not in SUFFIXES:
            candidates[table].unreadable.append(path)
        else:
            candidates[table].batches.append((_batch(table, path, path.parent), path))
    # Without sales there may be a loyalty programme or a mailing list. But a part of the required
    # tables is a mistake, and a file whose name says nothing may be what is missing.
    without_sales = (
        any(candidates.values())
        and not any(candidates[table] for table in TABLES if table.required)
        and not warnings
    )
    files = {}
    for table, found in candidates.items():
        try:
            chosen = _choose(
                table, found, source_dir, seen, required=table.required and not without_sales
            )
        except _UndecidedError as error:
            problems.append(error.problem)
            continue
        if chosen:
            files[table] = chosen
            first = next(iter(chosen.values())).relative_to(source_dir).as_posix()
            warnings += [
                f"{path.relative_to(source_dir).as_posix()} was left out: {first} is read"
                for path in found.unreadable
            ]
    return Found(files, warnings)


class _UndecidedError(Exception):
    """The files of a table cannot be told."""

    def __init__(self, table: Table, expected: str, found: str, remedy: str | None = None) -> None:
        self.problem = Problem(table.qualified_name, None, expected, found, remedy=remedy)
        super().__init__(str(self.problem))


def _choose(
    table: Table, found: _Candidates, source_dir: Path, seen: Sequence[str], *, required: bool
) -> Mapping[str, Path]:
    """The files of a table by batch, none if it is not required and has none.

    Raises ``_UndecidedError`` if a table is missing, or two files are the same batch.
    """
    by_batch: dict[str, list[Path]] = {}
    for batch, path in found.batches:
        by_batch.setdefault(batch, []).append(path)
    if twice := [path for paths in by_batch.values() if len(paths) > 1 for path in paths]:
        names = [path.relative_to(source_dir).as_posix() for path in twice]
        expected = "one file of a name"
        remedy = "the same rows would count twice: leave one of them"
        raise _UndecidedError(table, expected, _listed(names, " and "), remedy)
    if by_batch:
        return {batch: by_batch[batch][0] for batch in in_order(table, by_batch)}
    if found.unreadable:
        names = [path.relative_to(source_dir).as_posix() for path in found.unreadable]
        remedy = "save it as CSV (UTF-8) or Parquet; gzip is read, other formats are not"
        raise _UndecidedError(table, "a CSV or Parquet file", _listed(names, " and "), remedy)
    if required:
        expected = f"a file {table.name}.csv or {table.name}.parquet"
        raise _UndecidedError(table, expected, f"none among {_listed(seen)}" if seen else "none")
    return {}


def in_order(table: Table, batches: Iterable[str]) -> list[str]:
    """Names of batches as they follow each other: the file named as the table, then by name.

    ``last_landed_first`` in macros/audited_rows.sql tells of equally new rows by the same order.
    """
    return sorted(batches, key=lambda batch: (batch != table.name, batch))


def _listed(names: Sequence[str], joined: str = ", ") -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return joined.join(names[:_NAMED]) + more


def _entries(source_dir: Path) -> Iterator[tuple[Path, str]]:
    """Files, and folders that may be a table, with the name of the folder they lie in."""
    for path in _visible(source_dir):
        if not path.is_dir() or _stem(path) in _BY_NAME:
            yield path, ""
        else:
            for inner in _visible(path):
                # Not what lies below a folder that means nothing.
                if inner.is_file() or path.name.lower() in SYSTEMS:
                    yield inner, path.name.lower()


def _visible(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def _inside(folder: Path) -> list[Path]:
    """All files below a table's folder; engines add some that begin with an underscore."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    ]


def _partitions(table: Table, folder: Path, files: Sequence[Path]) -> list[str]:
    keys = {
        part.partition("=")[0]
        for path in files
        for part in path.relative_to(folder).parent.parts
        if "=" in part
    }
    if not keys:
        return []
    return [
        f"{table.qualified_name}: {', '.join(sorted(keys))} in the names of folders is not read; "
        "columns come from the files alone"
    ]


def _batch(table: Table, path: Path, folder: Path) -> str:
    """The batch that a file is: its path below the folder, without the table's name."""
    inside = path.relative_to(folder).as_posix().removesuffix(path.name)
    stem = path.name[: len(path.name) - len(_suffix(path))]
    if not inside and stem.lower().startswith(table.name):
        rest = stem[len(table.name) :]
        if not rest:
            return table.name
        if _NUMBERED.fullmatch(rest.lower()):
            stem = rest.lstrip("-_. ")
    return _as_file_name(inside + stem)


def _as_file_name(name: str) -> str:
    """The name as one that a file may have and that matches nothing but itself."""
    safe = "".join(quote(char, safe="") if char in _UNSAFE else char for char in name)
    if len(safe.encode()) <= _LONGEST:
        return safe
    # Two that begin alike stay two.
    kept = safe.encode()[: _LONGEST - 17].decode(errors="ignore")
    return f"{kept}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])


def _stem(path: Path) -> str:
    stem = path.name.lower().removesuffix(_suffix(path))
    for suffix in SUFFIXES:  # of archives: orders.csv.zip
        stem = stem.removesuffix(suffix)
    return stem


def _table_of(path: Path, system: str) -> Table | None:
    """The table that the file or folder is named after."""
    stem = _stem(path)
    for table in TABLES:
        if system not in {"", table.system} or not stem.startswith(table.name):
            continue
        rest = stem[len(table.name) :]
        if not rest or (path.is_file() and _NUMBERED.fullmatch(rest)):
            return table
    return None


def _unknown(name: str, system: str, table: Table | None) -> str:
    text = f"{name} is no table of the contract and was left out"
    if table is not None:
        return f"{name} was left out: it has no CSV or Parquet files"
    if system not in {"", *SYSTEMS}:
        return f"{text}: directories are {', '.join(SYSTEMS)}"
    if _suffix(Path(name)) not in SUFFIXES:
        return f"{text}: only {', '.join(SUFFIXES)} files are read"
    return text + did_you_mean(_stem(Path(name)), list(_BY_NAME))
