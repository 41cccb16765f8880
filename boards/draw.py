"""What draws the charts of a board: the only module that knows with what.

Every chart is drawn twice, for a wide page and for a narrow one, so that its words are as large on
a phone as at a desk; the page shows one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
from markupsafe import Markup

from serving.report.charts import svg
from serving.report.marks import ACCENT, CHANNEL_COLOURS, INK, MUTED

HALF, WHOLE, PHONE = 470, 1000, 310
"""Widths in pixels: of a panel beside another one, of one alone, and on a phone."""

_AXES = {"count": ",~f", "money": ",~f", "share": ".0%", "days": ",~f", "number": ",~f"}
LARGE = 100_000
# The least value over the greatest one from which the axis does not begin with zero.
STEADY = 0.6
# Shares that differ by less are written with a decimal.
CLOSE = 0.04
# More periods are told by a line, with dots too small to join.
MANY = 27
# A point takes so many pixels of an axis for its label.
_LABEL = 74


@dataclass(frozen=True)
class Point:
    """A value of a series in a period, told by ``note`` to a pointer and to a screen reader."""

    period: str
    series: str
    value: float | None
    note: str


@dataclass(frozen=True)
class Range:
    """A value with the ends of its interval, where they are known."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    note: str


def trend(
    points: Sequence[Point],
    *,
    key: str,
    label: str,
    form: str,
    wide: bool,
    colours: Mapping[str, str] | None = None,
) -> Markup:
    """Lines over time, a line for each series."""
    series = list(dict.fromkeys(point.series for point in points))
    scale = _colours(series, colours)
    return _twice(
        lambda width: _trend(points, series, scale, form, width), key=key, label=label, wide=wide
    )


def starts_at_zero(points: Sequence[Point]) -> bool:
    """Whether the axis of a trend begins with zero."""
    values = [point.value for point in points if point.value is not None]
    if not values or min(values) == max(values):
        return True
    return min(values) <= STEADY * max(abs(value) for value in values)


def _axis(points: Sequence[Point], form: str) -> str:
    """How the axis writes its numbers: long ones in short, close ones so that they differ."""
    values = [point.value for point in points if point.value is not None] or [0.0]
    if form in ("count", "money") and max(abs(value) for value in values) >= LARGE:
        return "~s"
    is_close = not starts_at_zero(points) and max(values) - min(values) < CLOSE
    return ".1%" if form == "share" and is_close else _AXES[form]


def _trend(
    points: Sequence[Point], series: list[str], scale: alt.Scale, form: str, width: int
) -> alt.TopLevelMixin:
    periods = list(dict.fromkeys(point.period for point in points))
    shown = max(width // _LABEL, 2)
    step = -(-len(periods) // shown)
    labelled = periods[::-1][::step]
    # What is not known stays in, so that the line breaks there.
    values = [vars(point) for point in points]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X(
            "period:O",
            sort=periods,
            title=None,
            scale=alt.Scale(domain=periods),
            axis=alt.Axis(
                values=labelled, labelAngle=0, labelOverlap=False, ticks=False, labelPadding=8
            ),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            # A line of what hardly changes would lie flat above an empty picture.
            scale=alt.Scale(zero=starts_at_zero(points), nice=True),
            axis=alt.Axis(
                format=_axis(points, form),
                tickCount=4,
                domain=False,
                ticks=False,
            ),
        ),
        color=alt.Color(
            "series:N",
            scale=scale,
            legend=alt.Legend(
                orient="top",
                direction="horizontal",
                columns={PHONE: 2, HALF: 3}.get(width, 0),
                symbolType="stroke",
                symbolStrokeWidth=3,
                labelLimit=115 if width == PHONE else 190,
            )
            if len(series) > 1
            else None,
        ),
    )
    lines = base.mark_line(strokeWidth=2.4, aria=False)
    size = 34 if len(periods) <= MANY else 9
    dots = (
        base.transform_filter("isValid(datum.value)")
        .mark_point(filled=True, opacity=1, size=size)
        .encode(description=alt.Description("note:N"))
    )
    last = [row for row in values if row["period"] == periods[-1] and row["value"] is not None]
    if len(series) == 1 and last:
        text = (
            alt.Chart(alt.Data(values=[{**last[0], "text": _short(last[0]["value"], form)}]))
            .mark_text(fontSize=13, fontWeight="bold", color=INK, align="left", dx=9)
            .encode(x=alt.X("period:O", sort=periods), y="value:Q", text="text:N")
        )
        return alt.layer(lines, dots, text).properties(width=width - 110, height=190)
    return alt.layer(lines, dots).properties(width=width - 60, height=220)


def _short(value: float, form: str) -> str:
    if form == "share":
        return f"{100 * value:.1f}%"
    return f"{value:,.0f}" if abs(value) >= 100 or form == "count" else f"{value:,.2f}"


def ranges(rows: Sequence[Range], *, key: str, label: str, form: str, wide: bool) -> Markup:
    """Dots with their intervals, a line for each row, and where nothing would have changed."""
    return _twice(lambda width: _ranges(rows, form, width), key=key, label=label, wide=wide)


def _ranges(rows: Sequence[Range], form: str, width: int) -> alt.TopLevelMixin:
    names = [row.name for row in rows]
    label_width = 96 if width == PHONE else 190
    values = [vars(row) for row in rows if row.value is not None]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y(
            "name:N",
            sort=names,
            title=None,
            scale=alt.Scale(domain=names),
            axis=alt.Axis(
                domain=False, ticks=False, labelColor=INK, labelLimit=label_width, labelPadding=8
            ),
        )
    )
    x: dict[str, Any] = {
        "title": None,
        "axis": alt.Axis(format=_AXES[form], tickCount=4 if width == PHONE else 6, domain=False),
    }
    bars = base.mark_rule(strokeWidth=3, color=ACCENT, opacity=0.45).encode(
        x=alt.X("low:Q", **x), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=62, color=ACCENT, opacity=1).encode(
        x=alt.X("value:Q", **x), description=alt.Description("note:N")
    )
    zero = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=MUTED, strokeDash=[3, 3])
        .encode(x=alt.datum(0))
    )
    return alt.layer(zero, bars, dots).properties(
        width=width - label_width - 24, height=max(26 * len(names), 60)
    )


def _colours(series: Sequence[str], colours: Mapping[str, str] | None) -> alt.Scale:
    chosen = colours or dict(zip(series, (ACCENT, *CHANNEL_COLOURS[1:]), strict=False))
    return alt.Scale(domain=list(series), range=[chosen.get(name, MUTED) for name in series])


def _twice(draw: Callable[[int], alt.TopLevelMixin], *, key: str, label: str, wide: bool) -> Markup:
    at_desk = svg(draw(WHOLE if wide else HALF), key=f"{key}-w", label=label)
    on_phone = svg(draw(PHONE), key=f"{key}-n", label=label)
    return Markup('<div class="at-desk">{}</div><div class="on-phone">{}</div>').format(
        at_desk, on_phone
    )
