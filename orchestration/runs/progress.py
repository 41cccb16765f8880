"""What a person watching a run sees: one line for each step, with what it did and its seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console


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
