"""What is wrong with files that are to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from landing.masking import masked

_TOLD = 100


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


def merged(problems: Sequence[Problem], rows: int | None = None) -> list[Problem]:
    """The problems of a table, each once however many files have it.

    The first file that has it shows it. ``rows`` are those of all files together.
    """
    alike: dict[tuple[str | None, str, str, str | None], list[Problem]] = {}
    for problem in problems:
        what = (problem.column, problem.expected, problem.found, problem.remedy)
        alike.setdefault(what, []).append(problem)
    return [
        replace(
            same[0],
            file=same[0].file if len(same) == 1 else f"{same[0].file} and {len(same) - 1:,} more",
            count=None if same[0].count is None else sum(one.count or 0 for one in same),
            rows=same[0].rows if rows is None else rows,
        )
        for same in alike.values()
    ]


class LandingError(ValueError):
    """The source does not fit the landing contract; ``problems`` holds every reason found."""

    def __init__(self, source: Path, problems: Sequence[Problem]) -> None:
        """Report the ``problems`` found in the directory ``source``."""
        self.source = source
        self.problems = tuple(problems)
        reasons = "".join(f"\n- {problem}" for problem in self.problems[:_TOLD])
        if len(self.problems) > _TOLD:
            reasons += f"\n- and {len(self.problems) - _TOLD:,} more"
        super().__init__(f"{source} cannot be landed:{reasons}")
