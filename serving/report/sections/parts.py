"""What a section is made of, and what several of them say alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from serving.language import clauses, ended
from serving.report.marts import Marts

# Longer histories are cut to their end, so that a bar or cell stays wide enough to read.
MONTHS_SHOWN = 24
# A rate of fewer customers is shown, but faintly.
FEW = 20
PROSPECT = "prospect"
STAGE = "lifecycle_stage"


@dataclass(frozen=True)
class Cell:
    """A cell of a table: text, with an aside after it and a swatch of colour before it."""

    text: str
    aside: str = ""
    colour: str = ""
    mark: str = ""
    """``good``, ``bad``, ``best`` or empty."""


@dataclass(frozen=True)
class Table:
    """A table; the first ``text_columns`` columns are text, the others numbers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    text_columns: int = 1
    caption: str = ""


@dataclass(frozen=True)
class Download:
    """A list of customers to download."""

    text: str
    path: str


@dataclass(frozen=True)
class Section:
    """A headline that says what the picture shows, the picture, and how to read it."""

    key: str
    title: str
    headline: str
    how_to_read: str = ""
    figures: Sequence[Markup] = ()
    tables: Sequence[Table] = ()
    beside: bool = False
    """Whether the tables stand beside the figure instead of below it."""
    wide_tables: Sequence[Table] = ()
    """Tables that need the whole width, below everything else."""
    notes: Sequence[str | Markup] = ()
    downloads: Sequence[Download] = ()
    has_data: bool = True
    caveat: str = ""
    """Why to take the figures of the headline with care."""


def nothing(key: str, title: str, sentence: str) -> Section:
    """A section that has no data, and says so."""
    return Section(key, title, sentence, has_data=False)


def no_customers(marts: Marts, key: str, title: str, sentence: str) -> Section:
    """Without customers who bought, which file would fill the part; else the sentence."""
    missing = marts.caveats.no_customers
    return nothing(key, title, ended(missing) if missing else sentence)


def cells_of(*texts: str) -> list[Cell]:
    """Cells of plain text."""
    return [Cell(text) for text in texts]


def downloads(marts: Marts, names: Mapping[str, str]) -> list[Download]:
    """Links to the lists that there are, of those that ``names`` names by key."""
    return [
        Download(f"{name} · {marts.lists[key].rows:,}", marts.lists[key].path)
        for key, name in names.items()
        if key in marts.lists
    ]


def joined(*parts: str) -> str:
    """The parts that are not empty, as one sentence."""
    return clauses(list(parts))
