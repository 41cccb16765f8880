"""What a metric is, and the loader that refuses a declaration that says something untrue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from metrics.marts import Mart, load_marts

HERE = Path(__file__).resolve().parent

TYPES = ("simple", "ratio", "cumulative", "derived", "conversion")
FORMATS = ("count", "money", "share", "days", "number")
GRAINS = ("day", "week", "retail_week", "month", "retail_month", "quarter", "year")
"""What time can be grouped by; weeks from Monday, and weeks and months of the 4-5-4 calendar."""

_GRAINS_OF = {"day": GRAINS, "month": ("month", "quarter", "year")}

AGGREGATES = {
    "sum": re.compile(r"^sum\((?!distinct\b)(.+)\)$"),
    "count_distinct": re.compile(r"^count\(distinct (.+)\)$"),
    "count": re.compile(r"^count\((\*)\)$"),
    "average": re.compile(r"^avg\((?!distinct\b)(.+)\)$"),
}
_DAYS = re.compile(r"^(\d+) days$")
_OFFSET = re.compile(r"^\d+ (day|month|year)s?$")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_WORDS = {"and", "or", "not", "is", "null", "true", "false", "in", "interval", "nullif"} | {
    "case", "when", "then", "else", "end"
}  # fmt: skip


class DeclarationError(ValueError):
    """A declaration names what does not exist, or lacks what it must have."""


@dataclass(frozen=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True)
class Before:
    """The value of a metric so long ago; ``before`` in the expression of a derived metric."""

    metric: str
    offset: str


@dataclass(frozen=True)
class Metric:
    """A metric as declared.

    ``expression`` is an aggregate over columns of the mart (simple), or arithmetic over names of
    metrics of one mart (derived), in which ``before`` is the value of that metric so long ago. A
    ratio divides metrics of one mart; a conversion divides the entities with an event of the
    numerator within the window from their event of the denominator. A cumulative metric sums
    ``metric`` over a window: ``28 days``, ``year to date`` or ``all``. ``over_time: last`` is of
    what cannot be added up over time: only the last day of a period counts. ``grains`` leaves out
    grains of time that would mislead.
    """

    domain: str
    name: str
    label: Text
    description: Text
    type: str
    mart: str
    time_column: str
    grain: str
    dimensions: tuple[str, ...]
    format: str
    owner: str
    caveats: Text | None = None
    grains: tuple[str, ...] = ()
    expression: str = ""
    where: str = ""
    over_time: str = "sum"
    metric: str = ""
    numerator: str = ""
    denominator: str = ""
    window: str = ""
    entity: str = ""
    before: Before | None = None

    @property
    def aggregate(self) -> tuple[str, str]:
        """Name of the aggregate of a simple metric and what it is of."""
        for name, pattern in AGGREGATES.items():
            if found := pattern.match(self.expression):
                return name, found[1]
        raise DeclarationError(f"{self.name}: {self.expression} is no aggregate of {AGGREGATES}")

    @property
    def needs_time(self) -> bool:
        """Whether it has a value only by a grain of time."""
        return self.type == "cumulative" or self.before is not None

    @property
    def window_days(self) -> int | None:
        """Days of the window, where it is of so many."""
        found = _DAYS.match(self.window)
        return int(found[1]) if found else None


def grains_of(metric: Metric) -> tuple[str, ...]:
    """Grains of time that the metric can be grouped by."""
    return metric.grains or _GRAINS_OF[metric.grain]


def names_in(expression: str) -> tuple[str, ...]:
    """Names in an SQL expression, texts and words of SQL left out."""
    without_texts = re.sub(r"'[^']*'", "", expression)
    found = re.findall(r"[a-z_][a-z0-9_]*", without_texts)
    return tuple(name for name in found if name not in _WORDS)


@cache
def _owners() -> Mapping[str, Text]:
    content = yaml.safe_load((HERE / "owners.yml").read_text(encoding="utf-8"))
    return {name: Text(**label) for name, label in content["owners"].items()}


OWNERS = _owners()
"""Who answers for metrics, with what they are called."""


@cache
def load(folder: Path = HERE) -> tuple[Metric, ...]:
    """All metrics, by domain in order of file names, each checked against the marts."""
    marts = load_marts()
    metrics: dict[str, Metric] = {}
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in content.get("metrics", []):
            metric = _read(path, entry)
            if metric.name in metrics:
                raise DeclarationError(
                    f"{metric.name} is declared in {metrics[metric.name].domain} and {path.stem}"
                )
            metrics[metric.name] = metric
    for metric in metrics.values():
        for problem in _problems(metric, metrics, marts):
            raise DeclarationError(f"{metric.domain}.yml: {metric.name}: {problem}")
    return tuple(metrics.values())


def _read(path: Path, entry: Mapping[str, Any]) -> Metric:
    name = entry.get("name", "?")
    where = f"{path.name}: {name}"
    known = {field.name for field in fields(Metric)} - {"domain"}
    if unknown := sorted(set(entry) - known):
        raise DeclarationError(f"{where}: there is no {', '.join(unknown)}")
    needed = known & {
        "name", "label", "description", "type", "mart", "time_column", "grain", "dimensions",
        "format", "owner",
    }  # fmt: skip
    if missing := sorted(needed - set(entry)):
        raise DeclarationError(f"{where}: lacks {', '.join(missing)}")
    values = dict(entry)
    for text in ("label", "description", "caveats"):
        if text in values:
            values[text] = _text(f"{where}: {text}", values[text])
    if "before" in values:
        values["before"] = Before(**values["before"])
    for names in ("dimensions", "grains"):
        values[names] = tuple(values.get(names, ()))
    return Metric(domain=path.stem, **values)


def _text(where: str, value: object) -> Text:
    if not isinstance(value, dict) or set(value) != {"en", "zh"} or not all(value.values()):
        raise DeclarationError(f"{where} must be said in English (en) and in Chinese (zh)")
    return Text(*(" ".join(str(value[language]).split()) for language in ("en", "zh")))


def _problems(
    metric: Metric, metrics: Mapping[str, Metric], marts: Mapping[str, Mart]
) -> Iterator[str]:
    if not _NAME.match(metric.name):
        yield "a name has small letters, digits and _"
    for what, value, allowed in (
        ("type", metric.type, TYPES),
        ("format", metric.format, FORMATS),
        ("grain", metric.grain, tuple(_GRAINS_OF)),
        ("over_time", metric.over_time, ("sum", "last")),
        ("owner", metric.owner, tuple(OWNERS)),
    ):
        if value not in allowed:
            yield f"{what} {value} is none of {', '.join(allowed)}"
    for grain in metric.grains:
        if grain not in _GRAINS_OF.get(metric.grain, ()):
            yield f"{grain} is finer than {metric.grain}, or no grain"
    if metric.mart not in marts:
        yield f"there is no mart {metric.mart}"
        return
    columns = marts[metric.mart].columns
    if metric.time_column not in columns:
        yield f"{metric.mart} has no time column {metric.time_column}"
    elif columns[metric.time_column] not in ("date", "timestamp"):
        yield f"{metric.mart}.{metric.time_column} is no time"
    for dimension in metric.dimensions:
        if dimension not in columns:
            yield f"{metric.mart} has no dimension {dimension}"
        if dimension in GRAINS:
            yield f"the dimension {dimension} is called like a grain"
    yield from _problems_of_type(metric, metrics, columns)


_NEEDED = {
    "simple": ("expression",),
    "ratio": ("numerator", "denominator"),
    "cumulative": ("metric", "window"),
    "derived": ("expression",),
    "conversion": ("numerator", "denominator", "window", "entity"),
}


def _problems_of_type(
    metric: Metric, metrics: Mapping[str, Metric], columns: Mapping[str, str]
) -> Iterator[str]:
    for field in _NEEDED.get(metric.type, ()):
        if not getattr(metric, field):
            yield f"a {metric.type} metric lacks {field}"
            return
    if unknown := [name for name in inputs_of(metric) if name not in metrics]:
        yield f"there is no metric {unknown[0]}"
        return
    if metric.before and not _OFFSET.match(metric.before.offset):
        yield f"{metric.before.offset} is no offset: so many days, months or years"
    if metric.type == "simple":
        yield from _problems_of_simple(metric, columns)
    elif metric.type == "conversion":
        yield from _problems_of_conversion(metric, metrics)
    else:
        yield from _problems_of_inputs(metric, [metrics[name] for name in inputs_of(metric)])
    if metric.type == "cumulative":
        if metrics[metric.metric].type != "simple" or metric.grain != "day":
            yield "a cumulative metric sums a simple one, day by day"
        if metric.window not in ("all", "year to date") and metric.window_days is None:
            yield f"{metric.window} is no window: all, year to date, or so many days"


def _problems_of_inputs(metric: Metric, inputs: Sequence[Metric]) -> Iterator[str]:
    for of in inputs:
        if (of.mart, of.time_column) != (metric.mart, metric.time_column):
            yield f"{of.name} is not of {metric.mart} by {metric.time_column}"
        if of.type in ("cumulative", "conversion") or of.before:
            yield f"{of.name} cannot be an input"
    if len({(of.over_time, of.where if of.over_time == "last" else "") for of in inputs}) > 1:
        yield "its inputs are of different days"


def _problems_of_simple(metric: Metric, columns: Mapping[str, str]) -> Iterator[str]:
    if not any(pattern.match(metric.expression) for pattern in AGGREGATES.values()):
        yield f"{metric.expression} is none of sum(), avg(), count(*), count(distinct )"
        return
    for name in (*names_in(metric.aggregate[1]), *names_in(metric.where)):
        if name not in columns:
            yield f"{metric.mart} has no column {name}"


def _problems_of_conversion(metric: Metric, metrics: Mapping[str, Metric]) -> Iterator[str]:
    for name in inputs_of(metric):
        if metrics[name].expression != f"count(distinct {metric.entity})":
            yield f"a conversion is of what counts each {metric.entity} once, and {name} does not"
    if metric.window_days is None:
        yield f"{metric.window} is no window of so many days"
    if metrics[metric.denominator].mart != metric.mart:
        yield f"a conversion is of the mart of {metric.denominator}"


def inputs_of(metric: Metric) -> tuple[str, ...]:
    """Names of the metrics that this one is computed from."""
    if metric.type in ("ratio", "conversion"):
        return (metric.numerator, metric.denominator)
    if metric.type == "cumulative":
        return (metric.metric,)
    if metric.type == "derived":
        named = [name for name in names_in(metric.expression) if name != "before"]
        if metric.before:
            named.append(metric.before.metric)
        return tuple(dict.fromkeys(named))
    return ()
