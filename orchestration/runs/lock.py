"""One writer at a time: an operating-system file lock, and who holds it.

Dagster's pools only order runs that go through its queue; the command line does not. The file lock
holds for every process, and the operating system frees it when its holder dies, however it dies.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from landing.engine import connect


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: process, machine, command and the time it began (UTC)."""

    pid: int
    host: str
    command: str
    since: str

    def __str__(self) -> str:
        """The holder in words, for messages."""
        return f"{self.command} (process {self.pid} on {self.host}, since {self.since})"


class WarehouseLockedError(RuntimeError):
    """Another process is writing, and did not finish within the time allowed."""

    def __init__(self, holder: Holder | None, waited_seconds: float) -> None:
        """``holder`` is None if the holder has not written down who it is."""
        self.holder = holder
        who = str(holder) if holder else "another process"
        super().__init__(
            f"the warehouse is locked by {who}; waited {waited_seconds:.0f} s. "
            "Let it finish, or end it, and run again."
        )


class DatabaseOpenError(RuntimeError):
    """Another process has the warehouse open, and did not close it within the time allowed."""

    def __init__(self, database_path: Path, process: str, waited_seconds: float) -> None:
        """``process`` is its program and number, as DuckDB tells them."""
        super().__init__(
            f"{database_path} is open in {process}; waited {waited_seconds:.0f} s. "
            "Close it (a shell, a notebook, dbt), and run again. Readers open the published file."
        )


_HELD_BY = re.compile(r"Conflicting lock is held in (.+? \(PID \d+\))")


@contextmanager
def hold_lock(
    path: Path,
    *,
    wait_seconds: float,
    command: str | None = None,
    on_wait: Callable[[Holder | None], None] | None = None,
) -> Iterator[None]:
    """Hold the writer lock for the time of the block; re-entrant within a thread.

    ``command`` is what others are told runs here (default: this process's command line).
    ``on_wait`` is called once if the lock is taken. Raises ``WarehouseLockedError`` if it is not
    free after ``wait_seconds``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if on_wait is not None:
            on_wait(read_holder(path))
        try:
            lock.acquire(timeout=wait_seconds, poll_interval=0.2)
        except Timeout:
            raise WarehouseLockedError(read_holder(path), wait_seconds) from None
    outermost = lock.lock_counter == 1
    try:
        if outermost:
            _write_holder(path, command or " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]))
        yield
    finally:
        if outermost:
            _holder_path(path).unlink(missing_ok=True)
        lock.release()


def wait_until_closed(
    database_path: Path, *, wait_seconds: float, on_wait: Callable[[str], None] | None = None
) -> None:
    """Wait until no process has the database file open: a shell, or dbt started by hand.

    The writer lock is only held by runs. ``on_wait`` is told once who has it open. Raises
    ``DatabaseOpenError`` if it is still open after ``wait_seconds``.
    """
    give_up_at = time.monotonic() + wait_seconds
    told = False
    while database_path.exists():
        try:
            connect(database_path).close()
        except duckdb.IOException as error:
            found = _HELD_BY.search(str(error))
            if found is None:
                raise
            if time.monotonic() >= give_up_at:
                raise DatabaseOpenError(database_path, found[1], wait_seconds) from None
            if on_wait is not None and not told:
                on_wait(found[1])
                told = True
            time.sleep(0.2)
        else:
            return


def read_holder(path: Path) -> Holder | None:
    """Who wrote themselves down as the lock's holder; None if nobody did."""
    try:
        return Holder(**json.loads(_holder_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock now."""
    if not path.exists():
        return False
    probe = FileLock(path)
    try:
        probe.acquire(timeout=0)
    except Timeout:
        return True
    probe.release()
    return False


def _holder_path(path: Path) -> Path:
    return path.with_name(path.name + ".holder")


def _write_holder(path: Path, command: str) -> None:
    holder = Holder(
        pid=os.getpid(),
        host=socket.gethostname(),
        command=command,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    temporary = _holder_path(path).with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(holder)), encoding="utf-8")
    temporary.replace(_holder_path(path))
