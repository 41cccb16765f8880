"""Opens files: what columns they have, and the SQL that reads them.

The dialect of a CSV file is taken from its header alone: DuckDB's detection makes a file with one
ragged row into a file with a single column, and guesses types from the first rows.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from landing.contract import Table
from landing.engine import quote, read_parquet
from landing.texts import BLANKS, INVISIBLE

DELIMITERS = ",;\t|"

_CHUNK = 1 << 20
_HEADER_WITHIN = 50  # lines
_SEPARATOR = re.compile(r'"?sep=(\\t|.)"?[,;\t|]*', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Opened:
    """A file of a table: its columns, and the SQL that reads it.

    ``columns`` has the Parquet type by the file's own name of the column, None for CSV.
    ``unusable`` says of columns why they are not read although DuckDB would. ``options`` are those
    of DuckDB's reader; None stands for Parquet. ``skipped`` is the number of lines before the
    header. ``copy`` is read instead of the file, which DuckDB could not.
    """

    path: Path
    columns: dict[str, str | None]
    options: str | None = None
    unusable: dict[str, str] = field(default_factory=dict)
    skipped: int = 0
    copy: Path | None = None

    @property
    def relation(self) -> str:
        """SQL that reads the file."""
        if self.options is None:
            return read_parquet(self.path)
        return f"read_csv({quote(self.copy or self.path)}, {self.options})"


class OtherEncodingError(ValueError):
    """A file is not UTF-8; ``line`` is the first that shows it, the header being line 1."""

    def __init__(self, line: int) -> None:
        """Say which line."""
        self.line = line
        super().__init__(f"another encoding than UTF-8 in line {line:,}")


def open_file(
    connection: duckdb.DuckDBPyConnection, table: Table, path: Path, scratch: Path
) -> Opened:
    """One file of the table.

    ``scratch`` is a directory for copies, which must be there until the file has been read.
    Raises ``ValueError`` or ``duckdb.Error`` if it cannot be read.
    """
    if is_parquet(path):
        return _open_parquet(connection, path)
    start = _first_bytes(path)
    if start == _ZIP:
        raise ValueError("a workbook or archive, whatever its name; save the sheet as CSV (UTF-8)")
    if start[:2] in _UTF16:
        raise ValueError("text in UTF-16; save it as CSV (UTF-8)")
    compressed = start[:2] == _GZIP
    try:
        return _open_csv(table, path, compressed, scratch)
    except (OSError, EOFError) as error:
        raise ValueError(f"a file that cannot be unpacked ({error})") from error


def is_parquet(path: Path) -> bool:
    """Whether the file is to be read as Parquet, by its name or its first bytes."""
    return path.suffix.lower() in (".parquet", ".pq") or _first_bytes(path) == _PARQUET


def _open_csv(table: Table, path: Path, compressed: bool, scratch: Path) -> Opened:
    copy = None
    if _has_mixed_line_ends(path, compressed):
        copy, compressed = _with_one_kind_of_line_end(path, compressed, scratch), False
    lines = _first_lines(copy or path, compressed)
    delimiter, names, skipped = _header(table, lines)
    columns = ", ".join(f"{quote(name)}: 'varchar'" for name in names)
    options = (
        f"auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = {quote(delimiter)}, quote = '\"', escape = '\"', nullstr = ''"
    )
    if skipped:
        options += f", skip = {skipped}"
    if compressed:
        options += ", compression = 'gzip'"
    told = skipped - (1 if _SEPARATOR.fullmatch(lines[0]) else 0)
    return Opened(path, dict.fromkeys(names), options, skipped=told, copy=copy)


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Opened:
    described = connection.execute(f"describe from {read_parquet(path)}").fetchall()
    columns: dict[str, str | None] = {str(name): str(type_) for name, type_, *_ in described}
    stored = connection.execute(
        f"select name, type, precision, logical_type from parquet_schema({quote(path)}) "
        "where num_children is null"
    ).fetchall()
    unusable = {}
    for name, physical, precision, logical in stored:
        digits = precision or _precision(logical)
        # DuckDB reads wider ones as floating point, some of them wrong by a factor of 2^24.
        if digits is not None and digits > 38:
            unusable[str(name)] = f"a decimal of {digits} digits"
        elif physical == "INT96":
            unusable[str(name)] = "a time stamp of the type INT96, which may be UTC or local"
    return Opened(path, columns, unusable={n: w for n, w in unusable.items() if n in columns})


def _precision(logical_type: str | None) -> int | None:
    found = re.search(r"precision=(\d+)", logical_type or "")
    return int(found[1]) if found else None


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _bytes(path: Path, compressed: bool) -> IO[bytes]:
    return gzip.open(path) if compressed else path.open("rb")  # type: ignore[return-value]


def _has_mixed_line_ends(path: Path, compressed: bool) -> bool:
    """Whether lines end in more than one way, quoted ones included.

    Raises ``OtherEncodingError`` if the file is not UTF-8: DuckDB sees that late, and may not
    survive it.
    """
    feeds = returns = pairs = 0
    kept = b""
    with _bytes(path, compressed) as file:
        while chunk := file.read(_CHUNK):
            data = kept + chunk
            # Up to the end of a line, where no character and no pair of ends is cut in two.
            end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
            data, kept = data[:end], data[end:]
            _check_utf8(data, feeds or returns)
            feeds, returns = feeds + data.count(b"\n"), returns + data.count(b"\r")
            pairs += data.count(b"\r\n") if returns else 0
    _check_utf8(kept, feeds or returns)
    returns += kept.count(b"\r")
    return sum(number > 0 for number in (feeds - pairs, returns - pairs, pairs)) > 1


def _check_utf8(data: bytes, lines_before: int) -> None:
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = lines_before + 1 + (before.count(b"\n") or before.count(b"\r"))
        raise OtherEncodingError(line) from error


def _with_one_kind_of_line_end(path: Path, compressed: bool, scratch: Path) -> Path:
    """A copy whose lines all end in a line feed: DuckDB stops at mixed ones, or reads nothing."""
    handle, name = tempfile.mkstemp(dir=scratch)
    copy = Path(name)
    with _bytes(path, compressed) as file, os.fdopen(handle, "wb") as out:
        kept = b""
        while chunk := file.read(_CHUNK):
            data = kept + chunk
            # A return at the end may be half of a pair.
            kept = b"\r" if data.endswith(b"\r") else b""
            data = data[: len(data) - len(kept)]
            out.write(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        out.write(b"\n" if kept else b"")
    return copy


def _first_lines(path: Path, compressed: bool) -> list[str]:
    with _bytes(path, compressed) as file:
        start = file.read(_CHUNK)
    text = start.decode("utf-8-sig", errors="ignore")
    return re.split(r"\r\n|\n|\r", text)[: _HEADER_WITHIN * 4]


def _header(table: Table, lines: Sequence[str]) -> tuple[str, list[str], int]:
    """The delimiter, the names of the columns, and the number of lines before the header.

    That is the line that has the contract's columns, or else the first one that is not blank:
    exports put titles and comments before it.
    """
    delimiters, first = DELIMITERS, 0
    if told := _SEPARATOR.fullmatch(lines[0]):
        delimiters, first = told[1].replace("\\t", "\t"), 1
    blank = BLANKS + INVISIBLE + "".join(DELIMITERS)
    filled = [i for i in range(first, min(len(lines), _HEADER_WITHIN)) if lines[i].strip(blank)]
    if not filled:
        raise ValueError("an empty file: there is no header")
    required = {column.name for column in table.columns if column.required}
    known = set(table.column_names)
    at, most = filled[0], 0
    parsed = {i: _split(lines[i:], delimiters, known) for i in filled}
    for i, (_, names) in parsed.items():
        found = known & {clean_name(name) for name in names}
        if len(found) > most and (i == filled[0] or len(found) > 1 or required <= found):
            at, most = i, len(found)
    delimiter, names = parsed[at]
    header = lines[at]
    if not most and table.is_about_persons and any(re.search(r"[\d@]", name) for name in names):
        # Persons, of a file without a header: it is not told.
        raise ValueError("a first line that is no header")
    if len({clean_name(name) for name in names}) < len(names):
        raise ValueError(f"a column name used twice: {header}")
    if not all(clean_name(name) for name in names):
        raise ValueError(f"a column without a name: {header}")
    return delimiter, names, at


def _split(lines: Sequence[str], delimiters: str, known: set[str]) -> tuple[str, list[str]]:
    """The delimiter of the first line, and what it separates; quoted texts may span lines."""
    outside = _QUOTED.sub("", lines[0])

    def names_by(delimiter: str) -> list[str]:
        return next(csv.reader(itertools.islice(lines, 20), delimiter=delimiter), [])

    def likeness(delimiter: str) -> tuple[int, int]:
        names = {clean_name(name) for name in names_by(delimiter)}
        return len(names & known), outside.count(delimiter)

    best = max(delimiters, key=likeness)
    return best, names_by(best)


def clean_name(name: str) -> str:
    """A column's name as it is compared: without blanks around it, in lower case."""
    return name.strip(BLANKS + INVISIBLE).lower()
