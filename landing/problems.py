"""What is wrong with files that are to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from landing.masking import masked


@dataclass(frozen=True)
class Problem:
    """One reason why files cannot be read.

    ``count`` and ``rows`` say in how many of the file's rows; ``row`` and ``example`` show the
    first of them, rows counted from 1 without the header. Personal data is never shown: tables
    about persons have no example, and what looks like an address or number of somebody is masked.
    ``remedy`` says what it is and how to put it right, where that can be told.
    """

    table: str | None
    column: str | None
    expected: str
    found: str
    count: int | None = None
    rows: int | None = None
    row: int | None = None
    example: str | None = None
    remedy: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        """The problem in one line."""
        where = ".".join(part for part in (self.table, self.column) if part)
        text = f"{where}: " if where else ""
        text += f"expected {self.expected}, found {self.found}"
        if self.count is not None:
            text += f" in {self.count:,} of {self.rows:,} rows, first in row {self.row:,}"
        if self.file is not None:
            text += f" of {self.file}"
        if self.example is not None:
            text += f": {self.example}"
        if self.remedy is not None:
            text += f"; {self.remedy}"
        return masked(text)


class LandingError(ValueError):
    """The source does not fit the landing contract; ``problems`` holds every reason found."""

    def __init__(self, source: Path, problems: Sequence[Problem]) -> None:
        """Report the ``problems`` found in the directory ``source``."""
        self.source = source
        self.problems = tuple(problems)
        reasons = "".join(f"\n- {problem}" for problem in self.problems)
        super().__init__(f"{source} cannot be landed:{reasons}")
