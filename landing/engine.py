"""Connections to DuckDB: one limit of memory for all of them, a temporary directory for each."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def default_memory(cgroup_limits: Sequence[Path] = _CGROUP_LIMITS) -> str:
    """Half of the memory that this process may have, as DuckDB writes it.

    The other half is for Python, which holds what it scores while a connection is open.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in cgroup_limits:
        # A container is told the memory of its host; without a limit it says "max".
        if path.is_file() and (text := path.read_text(encoding="ascii").strip()).isdigit():
            memory = min(memory, int(text))
    return f"{memory // 2 // 2**20}MiB"


@dataclass
class _Limits:
    """Of this process."""

    memory: str = field(default_factory=default_memory)
    spill_dir: Path | None = None


_limits = _Limits()
_numbers = itertools.count(1)


def limit(memory: str, spill_dir: Path) -> None:
    """From here on connections take so much ``memory`` and put what is beyond in ``spill_dir``.

    Until the folder is there they use the system's own for temporary files.
    """
    _limits.memory, _limits.spill_dir = memory, spill_dir


def connect(
    database: Path | str = ":memory:", *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """A connection that keeps to the limits; it is a context manager."""
    connection = duckdb.connect(database, read_only=read_only)
    try:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = '{_limits.memory}'")
        # Two connections in one directory would write over each other's files.
        where = str(_spill_dir() / f"duckdb-{os.getpid()}-{next(_numbers)}").replace("'", "''")
        connection.execute(f"set temp_directory = '{where}'")
    except BaseException:
        connection.close()
        raise
    return connection


def quote(value: object) -> str:
    """A SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def read_parquet(*paths: Path) -> str:
    """SQL that reads Parquet files one after the other.

    A ``key=value`` in a path is part of its name, not a column that overrides the file's own.
    """
    files = ", ".join(quote(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def _spill_dir() -> Path:
    if _limits.spill_dir is not None and _limits.spill_dir.is_dir():
        return _limits.spill_dir
    return Path(tempfile.gettempdir())
