"""What a person watching a run sees: one line for each step, with what it did and its seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table


class Progress(Protocol):
    """Told about steps as they begin, go on and end."""

    def shown(self) -> AbstractContextManager[None]:
        """The time in which progress can be seen."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def update(self, step: str, detail: str) -> None:
        """What the step has done so far."""

    def end(self, step: str, detail: str, seconds: float, *, failed: bool = False) -> None:
        """A step has ended; ``detail`` says what it did."""


class PlainProgress:
    """A line when a step has ended: for logs, pipes and Dagster's own captured output."""

    def __init__(self, console: Console | None = None) -> None:
        """Lines go to ``console``, by default to whatever standard output is by then."""
        self._console = console

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Nothing to set up."""
        yield

    def begin(self, step: str) -> None:
        """Nothing to say yet."""

    def update(self, step: str, detail: str) -> None:
        """Nothing: a log keeps every line."""

    def end(self, step: str, detail: str, seconds: float, *, failed: bool = False) -> None:
        """One line."""
        mark = "FAILED " if failed else ""
        line = f"{step:<20} {mark}{detail}  {seconds:.1f} s"
        if self._console is None:
            print(line, flush=True)
        else:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)


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

    @contextmanager
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


@contextmanager
def step(progress: Progress, name: str) -> Iterator[Step]:
    """A step from here to the end of the block; set its ``detail`` inside."""
    progress.begin(name)
    current = Step(progress, name)
    started = time.monotonic()
    failed = True
    try:
        yield current
        failed = False
    finally:
        progress.end(name, current.detail, time.monotonic() - started, failed=failed)


class Step:
    """A step that is running: what it says about itself is shown."""

    def __init__(self, progress: Progress, name: str) -> None:
        """``name`` is the step's."""
        self._progress, self._name, self._detail = progress, name, ""

    @property
    def detail(self) -> str:
        """What the step did."""
        return self._detail

    @detail.setter
    def detail(self, text: str) -> None:
        self._detail = text
        self._progress.update(self._name, text)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 table``, ``1,234 tables``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
