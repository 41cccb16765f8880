"""One writer at a time, who it is, and that a dead one does not matter."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.runs.lock import (
    DatabaseOpenError,
    WarehouseLockedError,
    hold_lock,
    is_locked,
    read_holder,
    wait_until_closed,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "warehouse.lock"


@pytest.fixture
def other_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is ended."""
    program = textwrap.dedent(
        f"""
        import sys, time
        from pathlib import Path
        from orchestration.runs.lock import hold_lock
        with hold_lock(Path({str(path)!r}), wait_seconds=0, command="lifecycle run"):
            print("held", flush=True)
            time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_writer_is_told_who_writes(
    path: Path, other_process: subprocess.Popen[str]
) -> None:
    waiting = []
    with (
        pytest.raises(WarehouseLockedError) as raised,
        hold_lock(path, wait_seconds=0.3, on_wait=waiting.append),
    ):
        pytest.fail("two writers at once")
    holder = raised.value.holder
    assert holder is not None
    assert (holder.pid, holder.command) == (other_process.pid, "lifecycle run")
    assert waiting == [holder]
    for part in (str(other_process.pid), holder.host, "lifecycle run", holder.since):
        assert part in str(raised.value)
    assert is_locked(path)


def test_a_second_writer_waits_until_the_first_is_dead(
    path: Path, other_process: subprocess.Popen[str]
) -> None:
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {other_process.pid}"])
    started = time.monotonic()
    with hold_lock(path, wait_seconds=30, command="next"):
        assert time.monotonic() - started > 0.3
        holder = read_holder(path)
        assert holder is not None
        assert (holder.pid, holder.command) == (os.getpid(), "next")
    killer.wait()
    assert other_process.wait() == -signal.SIGKILL
    assert not is_locked(path)
    assert read_holder(path) is None


def test_what_a_dead_writer_left_holds_nothing_up(
    path: Path, other_process: subprocess.Popen[str]
) -> None:
    other_process.kill()
    other_process.wait()
    left = read_holder(path)
    assert left is not None
    assert (path.exists(), left.pid, is_locked(path)) == (True, other_process.pid, False)
    with hold_lock(path, wait_seconds=0, on_wait=pytest.fail):
        assert is_locked(path)
    assert read_holder(path) is None


def test_the_holder_can_hold_it_again(path: Path) -> None:
    with hold_lock(path, wait_seconds=0, command="outer"):
        with hold_lock(path, wait_seconds=0, command="inner"):
            pass
        holder = read_holder(path)
        assert holder is not None
        assert holder.command == "outer"
        assert is_locked(path)
    assert not is_locked(path)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the warehouse open, without any lock of ours, until its input ends."""
    program = f"import duckdb, sys; c = duckdb.connect({str(tmp_path / 'w.duckdb')!r}); "
    program += "print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_an_open_shell_is_waited_for_and_named(
    tmp_path: Path, shell: subprocess.Popen[str]
) -> None:
    waiting: list[str] = []
    with pytest.raises(DatabaseOpenError, match=rf"w.duckdb is open in .*\(PID {shell.pid}\)"):
        wait_until_closed(tmp_path / "w.duckdb", wait_seconds=0.3, on_wait=waiting.append)
    assert len(waiting) == 1
    threading.Timer(0.5, shell.kill).start()
    wait_until_closed(tmp_path / "w.duckdb", wait_seconds=30)
    assert not (tmp_path / "none.duckdb").exists()
    wait_until_closed(tmp_path / "none.duckdb", wait_seconds=0)
    assert not (tmp_path / "none.duckdb").exists()
