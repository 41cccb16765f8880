"""What a person at a terminal sees of a run."""

import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
from pathlib import Path

import pytest
from dagster import DagsterInstance
from tests_home import PROJECT_DIR, Home

from serving.publish import whoami

COLUMNS = 90
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_a_terminal_shows_steps_and_the_log_has_the_rest(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, screen = _in_terminal(home, "land", "--from", _files(tmp_path))
    assert status == 0, screen
    lines = [_CONTROL.sub("", line).rstrip() for line in screen.splitlines()]
    assert {line[2:].strip().split("  ")[0] for line in lines if line.startswith("✓")} == {
        *("load project", "land", "check landing", "compare landing")
    }
    assert not [line for line in lines if " - DEBUG - " in line or " - INFO - " in line]
    assert max(map(len, lines)) <= COLUMNS
    (log,) = (home.path / "dagster" / "logs").glob("*-land.log")
    assert log.read_text().count("\n") > 50
    monkeypatch.setenv("DAGSTER_HOME", str(home.path / "dagster"))
    with DagsterInstance.from_config(str(home.path / "dagster")) as instance:
        (run,) = instance.get_runs()
    assert run.tags["user"] == whoami()
    # Without its place the home page would leave it out.
    assert run.remote_job_origin is not None
    place = run.remote_job_origin.repository_origin
    assert place.get_label() == "__repository__@customer_lifecycle"


def test_ctrl_c_stops_in_one_sentence(home: Home, tmp_path: Path) -> None:
    status, screen = _in_terminal(home, "land", "--from", _files(tmp_path), stop_at=b"load project")
    assert status == 130, screen
    assert "Stopped." in screen
    assert "Traceback" not in screen
    assert not (home.path / "landing").exists()


def _files(tmp_path: Path) -> str:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "orders.csv").write_text("order_id,customer_id,ordered_at\nA1,C1,2024-06-28\n")
    (folder / "order_lines.csv").write_text(
        "order_line_id,order_id,quantity,net_revenue\n1,A1,1,10.00\n"
    )
    return str(folder)


def _in_terminal(home: Home, *args: str, stop_at: bytes | None = None) -> tuple[int, str]:
    """Exit status and output of ``lifecycle ...`` in a terminal of its own.

    Ctrl-C is pressed when the terminal shows ``stop_at``.
    """
    process, ours = pty.fork()
    if process == 0:
        # A job in the background ignores Ctrl-C, and so would what it starts.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(PROJECT_DIR)
        environment = {**os.environ, "LIFECYCLE_HOME": str(home.path), "TERM": "xterm-256color"}
        os.execve(sys.executable, [sys.executable, "-m", "orchestration", *args], environment)
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the terminal is closed when its last writer ends
            break
        if not part:
            break
        seen += part
        if stop_at and stop_at in seen:
            stop_at = None
            os.write(ours, b"\x03")
    os.close(ours)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")
