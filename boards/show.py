"""A panel as it stands on the page: heading, numbers, picture, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from boards import draw
from boards.answer import Answer, Row, before, is_grain
from boards.board import ENDS, UNIT, Panel, known_metrics
from boards.published import CALLED, Published
from boards.words import Text, word
from serving.language import is_chinese
from serving.report.formats import (
    MISSING,
    amount,
    capitalised,
    cents,
    month,
    percent,
    short_day,
    short_month,
    whole,
)
from serving.report.marks import BAND_COLOURS, SEGMENT_COLOURS, STAGE_COLOURS

COLOURS: Mapping[str, Mapping[str, str]] = {
    "lifecycle_stage": STAGE_COLOURS,
    "rfm_segment": SEGMENT_COLOURS,
    "churn_band": BAND_COLOURS,
}

# Of the background of a cell; ink on it keeps a contrast of 7 to 1.
_DARKEST = 0.34


@dataclass(frozen=True)
class Cell:
    """A cell of a table: text or a number, with the share of a bar or a shade behind it."""

    text: Markup
    is_text: bool = False
    share: float | None = None
    shade: float | None = None


@dataclass(frozen=True)
class Table:
    """Names of columns with whether they hold numbers, and rows."""

    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Cell]]
    is_matrix: bool = False


@dataclass(frozen=True)
class Figure:
    """A number with its name, and how it stands to those of periods before."""

    name: str
    number: Markup
    changes: Sequence[Markup]


@dataclass(frozen=True)
class View:
    """What the template shows of a panel."""

    key: str
    kind: str
    title: str
    finding: str
    wide: bool
    state: str
    period: str = ""
    why: str = ""
    note: str = ""
    figures: Sequence[Figure] = ()
    chart: str = ""
    aside: str = ""
    """What has to be said below the picture."""
    table: Table | None = None
    notes: Sequence[str] = field(default_factory=list)
    defined: Sequence[tuple[str, str]] = field(default_factory=list)


class Showing:
    """Panels of one published file, for readers of the language that is spoken."""

    def __init__(self, published: Published, least: int) -> None:
        """Look at the file; values of fewer than ``least`` customers were kept back."""
        self._published = published
        self._least = least

    def view(self, board: str, panel: Panel, answer: Answer) -> View:
        """The panel with its answer, or in the state that the answer is in."""
        common: dict[str, Any] = {
            "key": panel.key,
            "kind": panel.kind,
            "title": str(panel.title),
            "wide": panel.wide,
            "note": str(panel.note or ""),
            "defined": [
                (f"{panel.mart}-{name}", self.label(panel, name)) for name in defined(panel)
            ],
        }
        if answer.state == "few":
            return View(
                **common,
                finding=word("too_few"),
                state="few",
                why=word("too_few_why", self._least),
            )
        if answer.state != "shown":
            key = "not_published" if answer.state == "missing" else "no_rows"
            why = word("empty", word(key, answer.mart), word("fills", panel.fills))
            if answer.state == "missing":
                common["defined"] = []
            return View(**common, finding=word("nothing"), state="empty", why=why)
        shown = getattr(self, f"_{panel.kind}")(f"{board}-{panel.key}", panel, answer)
        notes = []
        if answer.few:
            notes.append(word("few_rows", whole(answer.few), self._least))
        if answer.is_kept_back:
            notes.append(word("few_note", self._least))
        if answer.left_off:
            notes.append(word("rest", whole(answer.left_off), answer.mart))
        return View(**common, state="shown", notes=notes, **shown)

    # Numbers and names

    def label(self, panel: Panel, name: str) -> str:
        """What a value or grouping is called."""
        label = (panel.labels or {}).get(name)
        if label:
            return str(label)
        metric = known_metrics().get(name)
        return _said(metric.label) if metric else name

    def name(self, panel: Panel, column: str, value: Any) -> str:
        """What a value of a grouping is called."""
        if value is None:
            return word("unknown")
        if isinstance(value, bool):
            return word("yes" if value else "no")
        if isinstance(value, date):
            return self.period(panel, value) if column == panel.over else short_day(value)
        vocabulary = (panel.vocabularies or {}).get(column)
        if vocabulary in CALLED:
            return self._published.called(vocabulary).get(value, str(value))
        return self._published.marts.names(vocabulary, str(value)) if vocabulary else str(value)

    def period(self, panel: Panel, day: date, *, short: bool = True) -> str:
        """What a period is called by its first day, or by the day that it ends with."""
        if panel.over in ("month", "retail_month", "quarter", "survey_month", "activity_month"):
            return short_month(day) if short else month(day)
        if panel.over in ("week", "retail_week"):
            return _week(day) if short else word("week_of", short_day(day))
        return short_day(day)

    def number(self, panel: Panel, row: Row, name: str) -> Markup:
        """A number of a row, with what it is and what it is of for machines to read."""
        value = row.values[name]
        if name in row.hidden:
            sizes = [row.people[each] or 0 for each in panel.people_of(name)]
            is_few = any(0 < size < self._least for size in sizes)
            text = word("few", self._least) if is_few else word("kept_back")
            return Markup('<span class="few">{}</span>').format(text)
        text = self.written(panel, name, row)
        if panel.format_of(name) == "text":
            return escape(text)
        return Markup('<data value="{}" data-name="{}" data-by="{}">{}</data>').format(
            "" if value is None else _plain(value),
            name,
            json.dumps({key: _plain(told) for key, told in row.keys.items()}, sort_keys=True),
            text,
        )

    def written(self, panel: Panel, name: str, row: Row) -> str:
        """A value as people read it."""
        value, form = row.values[name], panel.format_of(name)
        if form == UNIT:
            form = row.keys[UNIT] or "number"
        if form == "text" or isinstance(value, (bool, str)):
            return MISSING if value is None else self.name(panel, name, value)
        return written(form, value)

    # Kinds

    def _figures(self, key: str, panel: Panel, answer: Answer) -> dict[str, Any]:
        rows = {row.keys.get(panel.over): row for row in answer.rows}
        newest: Any = max(rows, key=lambda period: period or date.min)
        row = rows[newest]
        figures = [
            Figure(
                self.label(panel, name),
                self.number(panel, row, name),
                self._changes(panel, name, rows, newest) if is_grain(panel) else [],
            )
            for name in panel.values
        ]
        said: dict[str, str] = {}
        for name in panel.values:
            said[name] = self._said(panel, name, row)
            if is_grain(panel):
                earlier = rows.get(before(panel, newest, year=False))
                said[f"{name}_before"] = self._said(panel, name, earlier)
                said[f"{name}_change"] = self._change(panel, name, row, earlier, "period")
        period = self.period(panel, newest, short=False) if newest else ""
        return {
            "figures": figures,
            "period": period,
            "finding": str(panel.finding).format(**said, period=period),
        }

    def _said(self, panel: Panel, name: str, row: Row | None) -> str:
        if row is None:
            return MISSING
        if name in row.hidden:
            return word("few_said", self._least)
        if row.values[name] is None:
            return word("not_known")
        return self.written(panel, name, row)

    def _changes(
        self, panel: Panel, name: str, rows: Mapping[Any, Row], newest: date
    ) -> list[Markup]:
        is_weekly = panel.over in ("week", "retail_week")
        told = []
        for year, when in (
            (False, "week_before" if is_weekly else "month_before"),
            (True, "weeks_before" if is_weekly else "year_before"),
        ):
            row = rows.get(before(panel, newest, year=year))
            if row is None or row.shown(name) is None:
                told.append(escape(word("unknown_before", word(when))))
                continue
            number = self.number(panel, row, name)
            if rows[newest].shown(name) is None:
                told.append(Markup("{}: {}").format(word(when), number))
                continue
            text = self._change(panel, name, rows[newest], row, when)
            told.append(Markup("{} ({})").format(text, number))
        return told

    def _change(self, panel: Panel, name: str, row: Row, earlier: Row | None, when: str) -> str:
        now = row.shown(name)
        then = earlier.shown(name) if earlier else None
        if when == "period":
            when = "week_before" if panel.over in ("week", "retail_week") else "month_before"
        if now is None or then is None:
            return word("unknown_before", word(when))
        form = "difference" if name in panel.differences else panel.format_of(name)
        return _compared(form, float(now), float(then), word(when))

    def _trend(self, key: str, panel: Panel, answer: Answer) -> dict[str, Any]:
        split = panel.by[0] if panel.by else ""
        series = [self.name(panel, split, value) for value in answer.names.get(split, [])]
        form = panel.format_of(panel.values[0])
        points = [
            draw.Point(
                self.period(panel, row.keys[panel.over]),
                self.name(panel, split, row.keys[split]) if split else self.label(panel, name),
                None if row.shown(name) is None else float(row.values[name]),
                f"{self.period(panel, row.keys[panel.over], short=False)}: "
                + (f"{self.name(panel, split, row.keys[split])} " if split else "")
                + self._said(panel, name, row),
            )
            for row in answer.rows
            for name in panel.values
        ]
        colours = COLOURS.get((panel.vocabularies or {}).get(split, ""), {})
        chart = draw.trend(
            points,
            key=key,
            label=word("chart_of", panel.title),
            form=form,
            wide=panel.wide,
            colours={
                self.name(panel, split, value): colours[value]
                for value in answer.names.get(split, [])
                if value in colours
            },
        )
        finding = self._finding_of_trend(panel, answer)
        shown = {
            "chart": chart,
            "finding": finding,
            "aside": "" if draw.starts_at_zero(points) else word("not_from_zero"),
        }
        if not split:
            return {**shown, "table": self._by_period(panel, answer)}
        periods = list(dict.fromkeys(row.keys[panel.over] for row in answer.rows))
        found = {(row.keys[panel.over], row.keys[split]): row for row in answer.rows}
        name = panel.values[0]
        lines = [
            [
                Cell(escape(self.period(panel, period)), is_text=True),
                *(
                    Cell(self.number(panel, found[period, value], name))
                    if (period, value) in found
                    else Cell(Markup(MISSING))
                    for value in answer.names[split]
                ),
            ]
            for period in reversed(periods)
        ]
        columns = [("", False), *((told, True) for told in series)]
        return {**shown, "table": Table(columns, lines)}

    def _finding_of_trend(self, panel: Panel, answer: Answer) -> str:
        split = panel.by[0] if panel.by else ""
        name = panel.values[0]
        known = [row for row in answer.rows if row.shown(name) is not None]
        periods = sorted({row.keys[panel.over] for row in known})
        if not periods:
            return str(panel.title)
        newest = [row for row in known if row.keys[panel.over] == periods[-1]]
        now = max(newest, key=lambda row: row.values[name])
        same = [row for row in known if not split or row.keys[split] == now.keys[split]]
        earlier = next(
            (
                row
                for row in same
                if is_grain(panel) and row.keys[panel.over] == before(panel, periods[-1], year=True)
            ),
            None,
        )
        when = "year"
        if earlier is None:
            earlier = same[-2] if len(same) > 1 else None
            when = "period"
        greatest = max(same, key=lambda row: row.values[name])
        key = "weeks_before" if panel.over in ("week", "retail_week") else "year_before"
        said = {
            "series": self._within(panel, split, now.keys[split]) if split else "",
            "now": self._said(panel, name, now),
            "period": self.period(panel, periods[-1], short=False),
            "before": self._said(panel, name, earlier),
            "change": self._change(panel, name, now, earlier, key if when == "year" else when),
            "most": self._said(panel, name, greatest),
            "most_period": self.period(panel, greatest.keys[panel.over], short=False),
        }
        for each in panel.values:
            said[each] = self._said(panel, each, now)
        return _begun(str(panel.finding).format(**said))

    def _by_period(self, panel: Panel, answer: Answer) -> Table:
        columns = [("", False), *((self.label(panel, name), True) for name in panel.values)]
        rows = [
            [
                Cell(escape(self.period(panel, row.keys[panel.over])), is_text=True),
                *(Cell(self.number(panel, row, name)) for name in panel.values),
            ]
            for row in reversed(answer.rows)
        ]
        return Table(columns, rows)

    def _bars(self, key: str, panel: Panel, answer: Answer) -> dict[str, Any]:
        first = panel.values[0]
        sizes = [abs(float(row.shown(first) or 0)) for row in answer.rows]
        greatest = max(sizes, default=0) or 1
        rows = [
            [
                *(
                    Cell(escape(self.name(panel, column, row.keys[column])), is_text=True)
                    for column in panel.by
                ),
                *(
                    Cell(
                        self.number(panel, row, name),
                        share=abs(float(row.values[name] or 0)) / greatest
                        if name == first and name not in row.hidden
                        else None,
                    )
                    for name in panel.values
                ),
            ]
            for row in answer.rows
        ]
        columns = [(self.label(panel, column), False) for column in panel.by]
        columns += [(self.label(panel, name), True) for name in panel.values]
        known = [row for row in answer.rows if row.shown(first) is not None]
        ranked = sorted(known, key=lambda row: row.values[first])
        period = _newest(panel, answer)
        said: dict[str, str] = {"period": self.period(panel, period, short=False) if period else ""}
        if ranked:
            total = sum(row.values[first] for row in ranked)
            top, last = ranked[-1], ranked[0]
            said |= {
                "top": self._row_name(panel, top, within=True),
                "top_value": self._said(panel, first, top),
                "top_share": percent(float(top.values[first]) / float(total)) if total else MISSING,
                "total": written(panel.format_of(first), total),
                "last": self._row_name(panel, last, within=True),
                "last_value": self._said(panel, first, last),
            }
            said |= {name: self._said(panel, name, top) for name in panel.values}
        finding = _begun(str(panel.finding).format(**said)) if ranked else str(panel.title)
        return {"table": Table(columns, rows), "finding": finding, "period": said["period"]}

    def _row_name(self, panel: Panel, row: Row, *, within: bool = False) -> str:
        name = self._within if within else self.name
        return ", ".join(name(panel, column, row.keys[column]) for column in panel.by)

    def _within(self, panel: Panel, column: str, value: Any) -> str:
        """What it is called within a sentence: words of a vocabulary are no names."""
        name = self.name(panel, column, value)
        vocabulary = (panel.vocabularies or {}).get(column)
        is_word = (not vocabulary or vocabulary not in CALLED) and name[1:2].islower()
        return name[:1].lower() + name[1:] if vocabulary and is_word else name

    def _matrix(self, key: str, panel: Panel, answer: Answer) -> dict[str, Any]:
        down, across = panel.by[:2]
        name = panel.values[0]
        found = {(row.keys[down], row.keys[across]): row for row in answer.rows}
        moved = [row for (line, column), row in found.items() if line != column and row.shown(name)]
        greatest = max((float(row.values[name]) for row in moved), default=1.0)
        rows = []
        for line in answer.names[down]:
            cells = [Cell(escape(self.name(panel, down, line)), is_text=True)]
            for column in answer.names[across]:
                row = found.get((line, column))
                if row is None:
                    cells.append(Cell(Markup('<span class="none">·</span>')))
                    continue
                is_move = name not in row.hidden and line != column
                shade = float(row.values[name] or 0) / greatest * _DARKEST if is_move else None
                cells.append(Cell(self.number(panel, row, name), shade=shade))
            rows.append(cells)
        head = word("from_to", self.label(panel, down), self.label(panel, across))
        columns = [(head, False)]
        columns += [(self.name(panel, across, column), True) for column in answer.names[across]]
        period = _newest(panel, answer)
        said = {"period": self.period(panel, period, short=False) if period else ""}
        finding = str(panel.title)
        if moved:
            top = max(moved, key=lambda row: row.values[name])
            said["from"] = self._within(panel, down, top.keys[down])
            said["to"] = self._within(panel, across, top.keys[across])
            said["value"] = self._said(panel, name, top)
            finding = str(panel.finding).format(**said)
        return {
            "table": Table(columns, rows, is_matrix=True),
            "finding": finding,
            "period": said["period"],
        }

    def _ranges(self, key: str, panel: Panel, answer: Answer) -> dict[str, Any]:
        value, low, high = panel.values[:3]
        form = panel.format_of(value)
        known = [row for row in answer.rows if row.shown(value) is not None]
        chart = draw.ranges(
            [
                draw.Range(
                    self._row_name(panel, row),
                    _number(row.values[value]),
                    _number(row.values[low]),
                    _number(row.values[high]),
                    f"{self._row_name(panel, row)}: {self._said(panel, value, row)} "
                    f"({self._said(panel, low, row)} – {self._said(panel, high, row)})",
                )
                for row in known
            ],
            key=key,
            label=word("chart_of", panel.title),
            form=form,
            wide=panel.wide,
        )
        above = sum(row.values[low] is not None and row.values[low] > 0 for row in known)
        below = sum(row.values[high] is not None and row.values[high] < 0 for row in known)
        top = max(known, key=lambda row: row.values[value], default=None)
        finding = str(panel.finding).format(
            rows=whole(len(known)),
            above=whole(above),
            below=whole(below),
            top=self._row_name(panel, top) if top else MISSING,
            top_value=self._said(panel, value, top),
            period="",
        )
        return {
            "chart": chart if known else "",
            "table": self._rows(panel, answer),
            "finding": finding,
        }

    def _rows(self, panel: Panel, answer: Answer) -> Table:
        columns = [(self.label(panel, column), False) for column in panel.by]
        columns += [
            (self.label(panel, name), panel.format_of(name) != "text") for name in panel.values
        ]
        rows = [
            [
                *(
                    Cell(escape(self.name(panel, column, row.keys[column])), is_text=True)
                    for column in panel.by
                ),
                *(
                    Cell(self.number(panel, row, name), is_text=panel.format_of(name) == "text")
                    for name in panel.values
                ),
            ]
            for row in answer.rows
        ]
        return Table(columns, rows)

    def _table(self, key: str, panel: Panel, answer: Answer) -> dict[str, Any]:
        first = panel.values[0]
        known = [row for row in answer.rows if isinstance(row.shown(first), (int, float, Decimal))]
        top = max(known, key=lambda row: row.values[first], default=None)
        period = _newest(panel, answer)
        said = self.period(panel, period, short=False) if period else ""
        finding = str(panel.finding).format(
            rows=whole(len(answer.rows)),
            known=whole(len(known)),
            counted=whole(sum(_counts(panel, row) for row in answer.rows)),
            top=self._row_name(panel, top) if top else MISSING,
            top_value=self._said(panel, first, top),
            period=said,
        )
        return {"table": self._rows(panel, answer), "finding": finding, "period": said}


def _begun(sentence: str) -> str:
    """With a capital, unless it begins with the name of a table."""
    first, _, _ = sentence.partition(" ")
    return sentence if {".", "_"} & set(first) else capitalised(sentence)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def written(form: str, value: Any) -> str:
    """A number as people read it."""
    if value is None:
        return MISSING
    if isinstance(value, datetime | date):
        return short_day(value)
    text = amount(value)
    if form == "share":
        text = percent(value, 1 if 0.001 <= abs(value) < 0.9995 else None)
    elif form == "count":
        text = whole(value)
    elif form == "money":
        text = whole(value) if abs(float(value)) >= 1000 else cents(value)
    elif form == "days":
        text = word("days", text)
    return text.replace("-", "−")


def defined(panel: Panel) -> list[str]:
    """Names of its values that need words of their own."""
    return [name for name in panel.values if not name.endswith(ENDS)]


def _compared(form: str, now: float, then: float, when: str) -> str:
    """12% more than the week before; of shares the points between them."""
    if form == "share":
        points = 100 * (now - then)
        if abs(points) < 0.05:
            return _told("no_change", when)
        text = word("points", f"{abs(points):.1f}")
        return _told("higher" if points > 0 else "lower", text, when)
    if form == "difference":
        text = amount(abs(now - then))
        key = "no_change" if now == then else "higher" if now > then else "lower"
        return _told(key, *([] if now == then else [text]), when)
    if then <= 0:
        return _told("no_change" if now == then else "from_nothing", when)
    change = now / then - 1
    if abs(change) < 0.0005:
        return _told("no_change", when)
    text = f"{abs(change):.0%}" if abs(change) >= 0.01 else f"{abs(change):.1%}"
    less = "fewer" if form == "count" else "less"
    return _told("more" if change > 0 else less, text, when)


_TOLD: Mapping[str, Text] = {
    "more": Text("{0} more than {1}", "比{1}多 {0}"),
    "less": Text("{0} less than {1}", "比{1}少 {0}"),
    "fewer": Text("{0} fewer than {1}", "比{1}少 {0}"),
    "higher": Text("{0} more than {1}", "比{1}高 {0}"),
    "lower": Text("{0} less than {1}", "比{1}低 {0}"),
    "no_change": Text("as much as {0}", "与{0}持平"),
    "from_nothing": Text("against {0}", "对比{0}"),
}


def _told(key: str, *values: str) -> str:
    return str(_TOLD[key]).format(*values)


def _week(day: date) -> str:
    return f"{day.month}月{day.day}日" if is_chinese() else f"{day.day} {day:%b}"


def _said(text: Any) -> str:
    return str(text.zh if is_chinese() else text.en)


def _newest(panel: Panel, answer: Answer) -> date | None:
    if not panel.over:
        return None
    return max((row.keys[panel.over] for row in answer.rows), default=None)


def _counts(panel: Panel, row: Row) -> bool:
    return bool(panel.counted) and all(
        row.values.get(name, row.keys.get(name)) in wanted
        for name, wanted in (panel.counted or {}).items()
    )


def _plain(value: Any) -> Any:
    """As it stands in JSON and in an attribute."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
