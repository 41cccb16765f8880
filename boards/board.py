"""What a board is: a page with its audience, its question, its owner and its panels, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from boards.words import Text
from metrics import GRAINS, OWNERS, Metric
from metrics import load as load_metrics
from metrics.marts import load_marts

PAGES = Path(__file__).parent / "pages"

KINDS: Mapping[str, frozenset[str]] = {
    "figures": frozenset(),
    "trend": frozenset({"series", "now", "period", "before", "change", "most", "most_period"}),
    "bars": frozenset({"top", "top_value", "top_share", "total", "last", "last_value"}),
    "matrix": frozenset({"from", "to", "value"}),
    "ranges": frozenset({"rows", "above", "below", "top", "top_value"}),
    "table": frozenset({"rows", "known", "counted", "top", "top_value"}),
}
"""Kinds of panels, with what a finding may name of them beside the values by their names."""

UNIT = "unit"
ENDS = ("_low", "_high", "_lower", "_upper")
"""How ends of intervals are called, which are told with what they are the ends of."""

FORMATS = (UNIT, "count", "money", "share", "days", "number", "text", "date")
NOBODY = "none"
"""What ``people`` says of a panel whose rows are not about customers."""

PERSONAL = ("customer_id", "account_id", "person", "household_id", "order_id", "example_key")
"""Columns that would tell of single people; no board may show or group by one."""


class BoardError(ValueError):
    """A definition names what does not exist, or lacks what it must say."""


@dataclass(frozen=True)
class Panel:
    """A picture or table with the finding as its heading.

    It shows ``metrics``, or ``columns`` of the rows of ``mart`` where a row is the answer itself.
    Rows are by ``by``, kept where columns have the values of ``where``. ``over`` is the grain of
    time (or the column with a period's first day), of which the ``last`` whole ones are shown.
    ``people`` names the metrics or columns that count the customers behind a value, for each value
    (``"*"``: for all others); where one of them is small, the value is not shown. ``differences``
    are values compared by subtraction. ``labels`` says what values and columns are called,
    ``means`` what columns are, ``formats`` how they are written (``unit``: as the row's column of
    that name says), ``vocabularies`` whose labels their values have. Rows are in
    the order of their vocabulary or of ``sort`` (with ``-`` the greatest first). ``counted`` are
    the values of a column whose rows a finding counts.
    """

    key: str
    kind: str
    title: Text
    finding: Text
    people: Mapping[str, tuple[str, ...]]
    fills: Text
    metrics: tuple[str, ...] = ()
    mart: str = ""
    columns: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    where: Mapping[str, Any] | None = None
    over: str = ""
    last: int = 13
    sort: str = ""
    limit: int = 12
    labels: Mapping[str, Text] | None = None
    means: Mapping[str, Text] | None = None
    formats: Mapping[str, str] | None = None
    vocabularies: Mapping[str, str] | None = None
    counted: Mapping[str, list[Any]] | None = None
    differences: tuple[str, ...] = ()
    note: Text | None = None
    wide: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """Names of what it shows."""
        return self.metrics or self.columns

    @property
    def asked(self) -> tuple[str, ...]:
        """What its rows are told apart by, what they have in common included."""
        keys = ([self.over] if self.over else []) + [*self.by, *(self.where or {})]
        keys += [UNIT] if UNIT in (self.formats or {}).values() else []
        return tuple(dict.fromkeys(keys))

    @property
    def marts(self) -> tuple[str, ...]:
        """Marts that it reads."""
        if self.mart:
            return (self.mart,)
        return tuple(dict.fromkeys(known_metrics()[name].mart for name in self.metrics))

    @property
    def counts(self) -> tuple[str, ...]:
        """All that counts customers."""
        return tuple(dict.fromkeys(name for names in self.people.values() for name in names))

    def people_of(self, name: str) -> tuple[str, ...]:
        """What counts the customers behind its values of that name."""
        return self.people.get(name, self.people.get("*", ()))

    def format_of(self, name: str) -> str:
        """How its values of that name are written."""
        metric = known_metrics().get(name)
        return metric.format if metric and self.metrics else (self.formats or {}).get(name, "count")


@dataclass(frozen=True)
class Board:
    """A page."""

    key: str
    place: int
    title: Text
    audience: Text
    question: Text
    owner: str
    panels: tuple[Panel, ...]

    @property
    def owner_name(self) -> Text:
        """What the owner is called."""
        return Text(OWNERS[self.owner].en, OWNERS[self.owner].zh)


@cache
def known_metrics() -> Mapping[str, Metric]:
    """All declared metrics by name."""
    return {metric.name: metric for metric in load_metrics()}


@cache
def load(folder: Path = PAGES) -> tuple[Board, ...]:
    """All boards in the order of their places, each checked against metrics and marts.

    Raises:
        BoardError: a definition is wrong; the message says which and how.
    """
    boards = [_board(path) for path in sorted(folder.glob("*.yml"))]
    return tuple(sorted(boards, key=lambda board: board.place))


def _board(path: Path) -> Board:
    content = {"key": path.stem, **yaml.safe_load(path.read_text(encoding="utf-8"))}
    panels = tuple(_panel(path, entry) for entry in content.get("panels") or [])
    board = Board(**{**_values(path.name, Board, content), "panels": panels})
    if board.owner not in OWNERS:
        raise BoardError(f"{path.name}: owner {board.owner} is none of {', '.join(OWNERS)}")
    if not panels or len({panel.key for panel in panels}) < len(panels):
        raise BoardError(f"{path.name}: needs panels, each with a key of its own")
    return board


def _panel(path: Path, entry: Mapping[str, Any]) -> Panel:
    where = f"{path.name}: {entry.get('key', '?')}"
    panel = Panel(**_values(where, Panel, entry))
    for problem in _problems(panel):
        raise BoardError(f"{where}: {problem}")
    return panel


def _values(where: str, of: type, entry: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Field[Any]] = {field.name: field for field in fields(of)}
    if unknown := sorted(set(entry) - set(known)):
        raise BoardError(f"{where}: there is no {', '.join(unknown)}")
    needed = {name for name, field in known.items() if field.default is MISSING}
    if missing := sorted(needed - set(entry)):
        raise BoardError(f"{where}: lacks {', '.join(missing)}")
    values = dict(entry)
    for name, value in entry.items():
        kind = str(known[name].type)
        if kind.startswith("Text"):
            values[name] = _text(f"{where}: {name}", value)
        elif name == "people":
            told = value if isinstance(value, dict) else {"*": value}
            values[name] = {
                key: () if names == NOBODY else (names,) if isinstance(names, str) else tuple(names)
                for key, names in told.items()
            }
        elif kind.startswith("tuple"):
            values[name] = tuple(value or ())
        elif name in ("labels", "means"):
            values[name] = {key: _text(f"{where}: {key}", label) for key, label in value.items()}
    return values


def _text(where: str, value: object) -> Text:
    if not isinstance(value, dict) or set(value) != {"en", "zh"} or not all(value.values()):
        raise BoardError(f"{where} must be said in English (en) and in Chinese (zh)")
    return Text(*(" ".join(str(value[language]).split()) for language in ("en", "zh")))


def _problems(panel: Panel) -> Iterator[str]:
    if panel.kind not in KINDS:
        yield f"kind {panel.kind} is none of {', '.join(KINDS)}"
        return
    if bool(panel.metrics) == bool(panel.columns):
        yield "shows either metrics or columns of a mart"
        return
    if bool(panel.columns) != bool(panel.mart):
        yield "names a mart exactly where it shows columns of it"
    yield from _problems_of_metrics(panel) if panel.metrics else _problems_of_columns(panel)
    for name in (*panel.asked, *panel.values):
        if any(part in name for part in PERSONAL):
            yield f"{name} tells of single people"
    for text in (panel.finding.en, panel.finding.zh):
        named = {name for _, name, _, _ in Formatter().parse(text) if name}
        known = KINDS[panel.kind].union(
            *({name, f"{name}_before", f"{name}_change"} for name in panel.values), {"period"}
        )
        if unknown := sorted(named - known):
            yield f"its finding knows no {', '.join(unknown)}"


def _problems_of_metrics(panel: Panel) -> Iterator[str]:
    for name in dict.fromkeys((*panel.metrics, *panel.counts)):
        metric = known_metrics().get(name)
        if metric is None:
            yield f"there is no metric {name}"
            continue
        for key in panel.asked:
            if key not in metric.dimensions and key not in GRAINS:
                yield f"{name} has no dimension {key}, only {', '.join(metric.dimensions)}"


def _problems_of_columns(panel: Panel) -> Iterator[str]:
    mart = load_marts().get(panel.mart)
    for name in (*panel.asked, *panel.columns, *panel.counts):
        # A mart that is not there yet has an empty panel, which says so.
        if mart and name not in mart.columns:
            yield f"{panel.mart} has no column {name}"
    for name in (*panel.columns, *panel.by):
        if name not in (panel.labels or {}):
            yield f"says not what {name} is called"
    for name in panel.columns:
        if name not in (panel.means or {}) and not name.endswith(ENDS):
            yield f"says not what {name} means"
    for name, form in (panel.formats or {}).items():
        if form not in FORMATS:
            yield f"format {form} of {name} is none of {', '.join(FORMATS)}"
