"""How a terminal shows a run: lines that change in place, and without what the run logs."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table


def open_console() -> Console:
    """Standard output; a file or a pipe has no width at which to break lines."""
    console = Console()
    return console if console.is_terminal else Console(width=200)


class LiveProgress:
    """Lines that change in place while steps run, for a terminal."""

    def __init__(self, console: Console) -> None:
        """Lines appear on ``console`` while it is ``shown``."""
        # Of steps of one name the last counts: dbt comes back to a room after the scores.
        self._steps: list[tuple[str, str, float, float | None, bool]] = []
        # What the run logs goes where standard output and error point, not through the terminal.
        self._live = Live(
            console=console,
            refresh_per_second=8,
            get_renderable=self._table,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Show the lines, and leave them as they are at the end."""
        with self._live:
            yield

    def begin(self, step: str) -> None:
        """Add the step's line."""
        self._steps.append((step, "", time.monotonic(), None, False))

    def update(self, step: str, detail: str) -> None:
        """Change the step's line."""
        self._change(step, detail, None, failed=False)

    def end(self, step: str, detail: str, seconds: float, *, failed: bool = False) -> None:
        """Finish the step's line."""
        self._change(step, detail, seconds, failed=failed)

    def _change(self, step: str, detail: str, seconds: float | None, *, failed: bool) -> None:
        places = [place for place, (name, *_) in enumerate(self._steps) if name == step]
        if not places:
            self.begin(step)
        place = places[-1] if places else -1
        self._steps[place] = (step, detail, self._steps[place][2], seconds, failed)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=1)
        table.add_column(no_wrap=True)
        table.add_column(overflow="ellipsis", no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        for step, detail, started, seconds, failed in self._steps.copy():
            running = seconds is None
            mark = "[red]✗" if failed else "[yellow]…" if running else "[green]✓"
            elapsed = time.monotonic() - started if seconds is None else seconds
            table.add_row(mark, escape(step), escape(detail), f"{elapsed:.1f} s")
        return table


@contextlib.contextmanager
def output_to(log_path: Path) -> Iterator[Console]:
    """Send what this process and its children write to a file; yields the terminal as it was.

    Dagster and dbt log to standard output and error, the same whoever launches a run.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    width = open_console().width
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = os.dup(1), os.dup(2)
    with (
        log_path.open("a", encoding="utf-8") as log,
        open(os.dup(1), "w", encoding="utf-8") as terminal,  # noqa: PTH123 (a file descriptor)
    ):
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield Console(file=terminal, width=width)
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
