"""What a person at a terminal sees of a run."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests_home import PROJECT_DIR, Home

COLUMNS = 90
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_a_terminal_shows_steps_and_the_log_has_the_rest(home: Home, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "orders.csv").write_text("order_id,customer_id,ordered_at\nA1,C1,2024-06-28\n")
    (source / "order_lines.csv").write_text(
        "order_line_id,order_id,quantity,net_revenue\n1,A1,1,10.00\n"
    )
    status, screen = _in_terminal(home, "land", "--from", str(source), "--landed-on", "2024-06-30")
    assert status == 0, screen
    lines = [_CONTROL.sub("", line).rstrip() for line in screen.splitlines()]
    assert {line[2:].strip().split("  ")[0] for line in lines if line.startswith("✓")} == {
        *("load project", "land", "check landing")
    }
    assert not [line for line in lines if " - DEBUG - " in line or " - INFO - " in line]
    assert max(map(len, lines)) <= COLUMNS
    (log,) = (home.path / "dagster" / "logs").glob("*-land.log")
    assert log.read_text().count("\n") > 50


def _in_terminal(home: Home, *args: str) -> tuple[int, str]:
    """Exit status and output of ``lifecycle ...`` in a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration", *args],
        cwd=PROJECT_DIR,
        env={**os.environ, "LIFECYCLE_HOME": str(home.path), "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the terminal is closed when its last writer ends
            break
        if not part:
            break
        seen += part
    os.close(ours)
    return process.wait(), seen.decode(errors="replace")
