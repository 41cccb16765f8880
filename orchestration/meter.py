"""What memory DuckDB takes, and what it spills, while nodes of dbt run."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

EVERY_SECONDS = 0.1
_KEPT = ("BASE_TABLE", "METADATA", "EXTERNAL_FILE_CACHE", "OBJECT_CACHE")
"""What DuckDB keeps of files as long as nobody needs the room: no statement's own memory."""
_TAKEN = f"""
    select
        coalesce(sum(memory_usage_bytes) filter (where tag not in {_KEPT}), 0),
        coalesce(sum(temporary_storage_bytes), 0)
    from duckdb_memory()
"""


@dataclass(frozen=True)
class Usage:
    """The most that was taken at once, in bytes, by all that ran beside it as well.

    ``memory_bytes`` is working memory (hash tables, sorting, rows between steps), without pages of
    tables that are only kept; ``spilled_bytes`` is what lay on disk for want of memory.
    """

    memory_bytes: int = 0
    spilled_bytes: int = 0

    def most(self, other: Usage) -> Usage:
        """The larger of each."""
        return Usage(
            max(self.memory_bytes, other.memory_bytes),
            max(self.spilled_bytes, other.spilled_bytes),
        )


@dataclass
class Meter:
    """Who runs, and the most that was taken since each began."""

    _running: dict[str, Usage | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str) -> None:
        """``name`` runs from now on."""
        with self._lock:
            self._running[name] = None

    def end(self, name: str) -> Usage | None:
        """``name`` has ended: what was taken meanwhile; None if nobody looked."""
        with self._lock:
            return self._running.pop(name, None)

    def note(self, taken: Usage) -> None:
        """So much is taken now."""
        with self._lock:
            for name, most in self._running.items():
                self._running[name] = taken if most is None else most.most(taken)


@contextmanager
def metered(open_cursor: Callable[[], duckdb.DuckDBPyConnection | None]) -> Iterator[Meter]:
    """Look ten times a second, in a thread of its own, while the block lasts.

    ``open_cursor`` opens a cursor on the database in use, or gives None while there is none.
    """
    meter, stop = Meter(), threading.Event()
    watch = threading.Thread(target=_watch, args=(meter, stop, open_cursor), daemon=True)
    watch.start()
    try:
        yield meter
    finally:
        stop.set()
        watch.join()


def _watch(
    meter: Meter,
    stop: threading.Event,
    open_cursor: Callable[[], duckdb.DuckDBPyConnection | None],
) -> None:
    cursor: duckdb.DuckDBPyConnection | None = None
    # A figure to look at: whatever is wrong with the database, dbt says so.
    with contextlib.suppress(duckdb.Error):
        while not stop.wait(EVERY_SECONDS):
            cursor = cursor or open_cursor()
            row = cursor.execute(_TAKEN).fetchone() if cursor else None
            if row:
                meter.note(Usage(*(int(value) for value in row)))
    if cursor:
        cursor.close()
