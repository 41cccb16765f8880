"""Charts as inline SVG: Altair describes them, vl-convert draws them, no script in the page.

Every function takes rows as mappings with plain values. A row's ``note`` is what a pointer over
its mark shows and what a screen reader reads out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import floor, log10, sqrt
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

from serving.language import is_chinese, say
from serving.report.marks import ACCENT, GRID, INK, MUTED, PALE, STAYED, WARM

Row = Mapping[str, Any]
Rows = Sequence[Row]
Panel = alt.LayerChart | alt.FacetChart

WIDEST_PERIOD = 120
# A cell of little has so much of its colour, and one that rests on few customers so much of that.
LIGHTEST = 0.07
FAINT = 0.4
# Shares that differ by less are told apart by no colour.
LEAST_SPAN = 0.05

_FONT = "Arial"
_CONFIG: dict[str, Any] = {
    "background": None,
    "font": _FONT,
    "aria": True,
    "view": {"stroke": None},
    "axis": {
        "aria": False,
        "domainColor": "#b8c1cb",
        "gridColor": GRID,
        "labelColor": MUTED,
        "labelFontSize": 12,
        "tickColor": "#b8c1cb",
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "title": {
        "aria": False,
        "anchor": "start",
        "frame": "group",
        "color": INK,
        "fontSize": 13,
        "fontWeight": "bold",
        "offset": 10,
        "subtitleColor": MUTED,
        "subtitleFontSize": 12,
    },
    "legend": {
        "aria": False,
        "columnPadding": 22,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 400,
        "symbolStrokeWidth": 0,
        "title": None,
    },
    "text": {"aria": False, "color": INK, "fontSize": 12},
    "rule": {"aria": False},
}
_VERSION = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
_MARK = re.compile(r'<path aria-label="([^"]*)"([^>]*?)/>')
_TITLE_WORDS = re.compile(r' aria-label="Title text [^"]*"')
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="[\d.]+" viewBox="([^"]+)">')
_REFERENCE = re.compile(r'(id="|url\(#|href="#)')


def svg(chart: alt.TopLevelMixin, *, key: str, label: str) -> Markup:
    """Draw a chart as an SVG element that shrinks with the page.

    ``key`` keeps ids apart from those of the page's other charts; ``label`` is what the chart is
    called where it cannot be seen.
    """
    spec = chart.to_dict(validate=False)
    spec["config"] = _CONFIG
    drawn = vl_convert.vegalite_to_svg(spec, vl_version=_VERSION)
    size = _SIZE.match(drawn)
    if size is None:
        raise RuntimeError("vl-convert returned something other than an SVG document")
    width, box = size.groups()
    body = drawn[size.end() :]
    # Browsers show the title of a mark beside the pointer, and need no script for it.
    body = _MARK.sub(r"<path\2><title>\1</title></path>", body)
    body = body.replace(' aria-roledescription="mark container"', "")
    # The renderer's words for what is read out as text anyway, in its language.
    body = _TITLE_WORDS.sub("", body)
    body = _REFERENCE.sub(rf"\g<1>{key}-", body)
    opening = (
        f'<svg class="chart" role="img" aria-label="{Markup.escape(label)}" viewBox="{box}" '
        f'style="max-width:{float(width):g}px">'
    )
    return Markup(opening + body)


def _data(rows: Rows) -> alt.Data:
    return alt.Data(values=[dict(row) for row in rows])


def _note() -> alt.Description:
    return alt.Description("note:N")


def _colours(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def stacked_over_time(
    rows: Rows,
    periods: Sequence[str],
    colours: Mapping[str, str],
    *,
    title: str,
    width: int,
    legend: bool = False,
) -> alt.TopLevelMixin:
    """Bars per ``period`` stacked by ``kind`` in the order of ``colours``, of height ``value``."""
    order = {kind: position for position, kind in enumerate(colours)}
    return (
        alt.Chart(_data([{**row, "order": order[row["kind"]]} for row in rows]))
        .mark_bar(stroke="white", strokeWidth=0.6)
        .encode(
            x=_period_axis(periods),
            y=alt.Y("value:Q", title=title, axis=_counts(5)),
            color=alt.Color(
                "kind:N",
                scale=_colours(colours),
                legend=alt.Legend(orient="top", direction="horizontal", symbolType="square")
                if legend
                else None,
            ),
            order=alt.Order("order:Q"),
            description=_note(),
        )
        .properties(width=min(width, WIDEST_PERIOD * len(periods)), height=300)
    )


def _counts(ticks: int) -> alt.Axis:
    return alt.Axis(format=",~f", tickCount=ticks, tickMinStep=1, domain=False)


def _period_axis(periods: Sequence[str], **axis: Any) -> alt.X:
    return alt.X(
        "period:O",
        sort=list(periods),
        title=None,
        scale=alt.Scale(paddingInner=0.22, paddingOuter=0.1),
        axis=alt.Axis(
            labelAngle=0,
            labelOverlap="greedy",
            labelExpr="split(replace(datum.label, '年', '年 '), ' ')",
            ticks=False,
            labelPadding=6,
            **axis,
        ),
    )


def gains_and_losses(
    rows: Rows, totals: Rows, periods: Sequence[str], colours: Mapping[str, str], *, width: int
) -> alt.TopLevelMixin:
    """Active customers per ``period`` above, and below what was added to them and taken away.

    ``rows`` have ``kind`` and ``value`` (negative for losses); ``totals`` have ``value``.
    """
    x = _period_axis(periods)
    width = min(width, WIDEST_PERIOD * len(periods))
    top = (
        alt.Chart(_data(totals))
        .mark_bar(color="#c9d6e0")
        .encode(
            x=_period_axis(periods, labels=False),
            y=alt.Y("value:Q", title=None, axis=_counts(3)),
            description=_note(),
        )
        .properties(width=width, height=110, title=say("Customers who bought"))
    )
    flows = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("sum(value):Q", title=None, axis=_counts(5)),
            color=alt.Color(
                "kind:N",
                scale=_colours(colours),
                legend=alt.Legend(orient="top", direction="horizontal", symbolType="square"),
            ),
            description=_note(),
        )
    )
    zero = alt.Chart(alt.Data(values=[{}])).mark_rule(color="#8b97a3").encode(y=alt.datum(0))
    bottom = alt.layer(flows, zero).properties(
        width=width, height=190, title=say("Gained and lost since the period before")
    )
    return alt.vconcat(top, bottom, spacing=18).resolve_scale(color="independent")


def heat_map(
    rows: Rows,
    *,
    columns: Sequence[str],
    lines: Sequence[str],
    cell: tuple[int, int],
    column_title: str | None = None,
    line_title: str | None = None,
    title: str | None = None,
    top_axis: bool = True,
    scale_max: float = 1.0,
    scale_min: float = 0.0,
) -> Panel:
    """A grid of cells: ``column``, ``line``, ``shade`` (None: no colour), ``text``, ``small``.

    ``kind`` is ``stayed`` for a cell outside the colour scale, ``worse`` for one whose shade is
    bad news, and ``faint`` for one that rests on little. A ``|`` in the name of a column breaks its
    label into two lines. Shades are shares: what is near zero is light, however little there is.
    """
    span = max(scale_max - scale_min, LEAST_SPAN)
    values = [
        {
            **row,
            **_fill(row, (row["shade"] - scale_min) / span if row["shade"] is not None else None),
            "dark": row["shade"] is not None
            and row["kind"] not in ("stayed", "faint")
            and (row["shade"] - scale_min) / span > 0.72,
        }
        for row in rows
    ]
    two_lines = any("|" in column for column in columns)
    base = alt.Chart(_data(values)).encode(
        x=alt.X(
            "column:N",
            sort=list(columns),
            scale=alt.Scale(domain=list(columns)),
            title=column_title,
            axis=alt.Axis(
                orient="top" if top_axis else "bottom",
                domain=False,
                ticks=False,
                labelAngle=0,
                labelExpr="split(datum.label, '|')",
                labelColor=INK,
                labelLimit=160,
                # The first line of a label sits on the axis, the second would be in the cells.
                labelPadding=21 if two_lines and top_axis else 6,
            ),
        ),
        y=alt.Y(
            "line:N",
            sort=list(lines),
            scale=alt.Scale(domain=list(lines)),
            title=line_title,
            axis=alt.Axis(
                domain=False, ticks=False, labelColor=INK, labelLimit=260, labelPadding=8
            ),
        ),
    )
    cells = base.mark_rect(stroke="white", strokeWidth=2, invalid="show").encode(
        color=alt.Color("fill:N", scale=None, legend=None),
        fillOpacity=alt.FillOpacity("opacity:Q", scale=None, legend=None),
        description=_note(),
    )
    ink = alt.condition("datum.dark", alt.value("white"), alt.value(INK))
    has_small = any(row.get("small") for row in rows)
    texts = base.mark_text(fontSize=13, dy=-6 if has_small else 0).encode(text="text:N", color=ink)
    layers = [cells, texts]
    if has_small:
        layers.append(
            base.mark_text(fontSize=10.5, dy=9).encode(
                text="small:N", color=ink, opacity=alt.value(0.8)
            )
        )
    properties: dict[str, Any] = {
        "width": cell[0] * len(columns),
        "height": cell[1] * len(lines),
    }
    if title:
        properties["title"] = title
    return alt.layer(*layers).properties(**properties)


def _fill(row: Row, place: float | None) -> dict[str, Any]:
    """Colour and opacity of a cell: shades of the page, be it light or dark."""
    faint = FAINT if row["kind"] == "faint" else 1.0
    if place is None or row["kind"] == "stayed":
        return {"fill": STAYED, "opacity": faint}
    opacity = LIGHTEST + (1 - LIGHTEST) * min(max(place, 0.0), 1.0)
    return {
        "fill": WARM if row["kind"] == "worse" else ACCENT,
        "opacity": round(faint * opacity, 3),
    }


def side_by_side(*charts: Panel, spacing: int = 36) -> alt.TopLevelMixin:
    """Charts in a row, each with its own scales."""
    return alt.hconcat(*charts, spacing=spacing).resolve_scale(
        color="independent", y="independent", x="independent"
    )


def aligned(*panels: Panel) -> alt.HConcatChart:
    """Panels of one width in a row, at the same places in every row of as many panels."""
    return alt.hconcat(*panels, bounds="flush", spacing=82).resolve_scale(
        color="independent", x="independent", y="independent"
    )


def intervals(
    rows: Rows,
    *,
    colours: Mapping[str, str],
    lines: Sequence[str],
    title: str,
    width: int,
    maximum: float = 1.0,
    minimum: float = 0.0,
    is_share: bool = True,
) -> Panel:
    """A dot per ``line`` at ``value`` with its interval ``low`` to ``high``, labelled ``text``."""
    domain = [minimum, maximum]
    ticks = [tick / 4 for tick in range(-4, 9)] if minimum < 0 else [0, 0.25, 0.5, 0.75, 1]
    shares = alt.Axis(format=".0%", values=ticks, domain=False)
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y(
            "line:N",
            sort=list(lines),
            title=None,
            axis=alt.Axis(
                domain=False, ticks=False, labelColor=INK, labelLimit=280, labelPadding=8
            ),
        )
    )
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=domain),
        axis=shares if is_share else alt.Axis(tickCount=5, domain=False),
    )
    colour = alt.Color("kind:N", scale=_colours(colours), legend=None)
    return alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.45).encode(
            x=alt.X("low:Q", scale=alt.Scale(domain=domain), title=None),
            x2="high:Q",
            color=colour,
        ),
        base.mark_point(filled=True, size=110, opacity=1).encode(
            x=x, color=colour, description=_note()
        ),
        # To the right, so that it never lies over the names.
        base.mark_text(dy=-11, dx=-5, align="left").encode(x=x, text="text:N"),
    ).properties(width=width, height=38 * max(len(lines), 1), title=title)


def share_bars(
    rows: Rows,
    *,
    colours: Mapping[str, str],
    lines: Sequence[str],
    panels: Sequence[str],
    width: int,
    label_width: int = 225,
) -> alt.TopLevelMixin:
    """Horizontal bars per ``line`` in one panel per ``panel``, on one scale of shares."""
    maximum = max((row["value"] for row in rows), default=1.0) * 1.32
    charts = []
    for position, panel in enumerate(panels):
        base = alt.Chart(_data([row for row in rows if row["panel"] == panel])).encode(
            y=alt.Y(
                "line:N",
                sort=list(lines),
                title=None,
                scale=alt.Scale(domain=list(lines)),
                axis=alt.Axis(
                    domain=False,
                    ticks=False,
                    labelColor=INK,
                    labelLimit=label_width,
                    minExtent=label_width,
                    labelPadding=8,
                )
                if position == 0
                else None,
            ),
            x=alt.X("value:Q", scale=alt.Scale(domain=[0, maximum]), axis=None),
        )
        charts.append(
            alt.layer(
                base.mark_bar(height=17).encode(
                    color=alt.Color("line:N", scale=_colours(colours), legend=None),
                    description=_note(),
                ),
                base.mark_text(align="left", dx=5).encode(text="text:N"),
            ).properties(width=width, height=28 * max(len(lines), 1), title=panel)
        )
    return side_by_side(*charts, spacing=24)


def ladder(
    rows: Rows, *, lines: Sequence[str], colours: Mapping[str, str], width: int
) -> alt.TopLevelMixin:
    """A bar per ``line`` from ``low`` to ``high``, where the one before ends, labelled ``text``."""
    edges = [edge for row in rows for edge in (row["low"], row["high"])]
    scale = alt.Scale(domain=[min(0.0, *edges), max(0.0, *edges) * 1.15], nice=False)
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y(
            "line:N",
            sort=list(lines),
            title=None,
            axis=alt.Axis(
                domain=False, ticks=False, labelColor=INK, labelLimit=220, labelPadding=8
            ),
        )
    )
    high = alt.X("high:Q", scale=scale, axis=None)
    return alt.layer(
        base.mark_bar(height=17).encode(
            x=alt.X("low:Q", scale=scale, axis=None),
            x2="high:Q",
            color=alt.Color("kind:N", scale=_colours(colours), legend=None),
            description=_note(),
        ),
        base.mark_text(align="left", dx=5).encode(x=high, text="text:N"),
    ).properties(width=width, height=28 * max(len(lines), 1))


def paired_bars(
    rows: Rows, *, columns: Sequence[str], colours: Mapping[str, str], width: int, title: str
) -> alt.TopLevelMixin:
    """Bars per ``column``, one per ``kind`` beside each other; ``value`` is a share."""
    grouped = len(colours) > 1
    encodings: dict[str, Any] = {
        "x": alt.X(
            "column:O",
            sort=list(columns),
            title=title,
            scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1),
            axis=alt.Axis(labelAngle=0, ticks=False, labelPadding=6, labelColor=INK),
        ),
        "y": alt.Y("value:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5, domain=False)),
    }
    if grouped:
        encodings["xOffset"] = alt.XOffset("kind:N", sort=list(colours))
    base = alt.Chart(_data(rows)).encode(**encodings)
    bars = base.mark_bar().encode(
        color=alt.Color(
            "kind:N",
            sort=list(colours),
            scale=_colours(colours),
            legend=alt.Legend(orient="top", direction="horizontal", symbolType="square")
            if grouped
            else None,
        ),
        description=_note(),
    )
    return bars.properties(width=width, height=240)


def calibration(
    rows: Rows, *, title: str, width: int, maximum: float, number_format: str, diagonal: str
) -> Panel:
    """Actual over predicted means: ``predicted``, ``actual``, and ``low``, ``high`` or None.

    ``diagonal`` is what the line of equality is called, nothing if empty.

    Both axes are stretched towards zero by a square root, which keeps the diagonal straight.
    """
    scale = alt.Scale(type="sqrt", domain=[0, maximum], nice=False)
    axis: dict[str, Any] = {
        "format": number_format,
        "values": _stretched_ticks(maximum),
        "domain": False,
        "labelOverlap": False,
    }

    def x(name: str) -> alt.X:
        return alt.X(name, scale=scale, axis=alt.Axis(**axis), title=say("Predicted"))

    def y(name: str) -> alt.Y:
        return alt.Y(name, scale=scale, axis=_panel_axis(**axis), title=say("Actual"))

    equality = alt.Chart(alt.Data(values=[{"v": 0}, {"v": maximum}]))
    label = alt.Chart(alt.Data(values=[{"v": maximum * 0.36, "t": diagonal}]))
    base = alt.Chart(_data(rows)).encode(x=x("predicted:Q"))
    return alt.layer(
        equality.mark_line(color="#8b97a3", strokeDash=[5, 4], strokeWidth=1.5, aria=False).encode(
            x=x("v:Q"), y=y("v:Q")
        ),
        label.mark_text(align="left", dx=14, dy=12, color=MUTED).encode(
            x=x("v:Q"), y=y("v:Q"), text="t:N"
        ),
        base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.4)
        .encode(y=y("low:Q"), y2="high:Q")
        .transform_filter("isValid(datum.low)"),
        base.mark_point(filled=True, size=70, color=ACCENT, opacity=1).encode(
            y=y("actual:Q"), description=_note()
        ),
    ).properties(width=width, height=width * 0.86, title=title)


def _stretched_ticks(maximum: float) -> list[float]:
    """Round numbers from 0 to ``maximum`` whose labels stay apart on a square-root axis."""
    ticks: list[float] = []
    power = floor(log10(maximum))
    for tick in (digit * 10.0**step for step in range(power, power - 4, -1) for digit in (5, 2, 1)):
        edge = sqrt(ticks[-1] / maximum) if ticks else 2.0
        place = sqrt(tick / maximum)
        if place <= 1 and min(place, edge - place) >= 0.12:
            ticks.append(round(tick, 12))
    return [0.0, *reversed(ticks)]


def _panel_axis(**axis: Any) -> alt.Axis:
    """An axis as wide as its neighbours', so that panels above each other line up."""
    return alt.Axis(minExtent=44, maxExtent=44, **axis)


def lines_over_time(
    rows: Rows,
    *,
    panels: Mapping[str, str],
    colours: Mapping[str, str],
    width: int,
) -> alt.TopLevelMixin:
    """Lines ``value`` by ISO date ``date``, one per ``kind``; a panel per ``panel`` with a format.

    ``colours`` are in the order of importance: the first kind is drawn on top of the others.
    """
    charts = []
    for panel, number_format in panels.items():
        drawn = []
        for kind in reversed(list(colours)):
            chosen = [row for row in rows if (row["panel"], row["kind"]) == (panel, kind)]
            if not chosen:
                continue
            dates = sorted({row["date"] for row in chosen})
            base = alt.Chart(_data(chosen)).encode(
                x=alt.X(
                    "date:T",
                    title=None,
                    scale=alt.Scale(type="utc", nice=False),
                    axis=alt.Axis(
                        format="%Y年%-m月%-d日" if is_chinese() else "%-d %b %Y",
                        values=[dates[0], dates[-1]],
                        labelFlush=True,
                        labelOverlap=False,
                    ),
                ),
                y=alt.Y(
                    "value:Q",
                    title=say("Error"),
                    # Up to a tick, so that no label reaches above its panel further than others do.
                    scale=alt.Scale(zero=True, nice=3),
                    axis=_panel_axis(format=number_format, tickCount=3, domain=False),
                ),
                color=alt.Color(
                    "kind:N",
                    sort=list(colours),
                    scale=_colours(colours),
                    legend=alt.Legend(orient="top", direction="horizontal", symbolType="square"),
                ),
            )
            drawn += [
                base.mark_line(strokeWidth=2, aria=False),
                base.mark_point(filled=True, size=30, opacity=1).encode(description=_note()),
            ]
        charts.append(alt.layer(*drawn).properties(width=width, height=95, title=panel))
    return aligned(*charts).resolve_scale(color="shared")


def stacked_lines(
    rows: Rows, *, lines: Sequence[str], colours: Mapping[str, str], width: int, title: str
) -> alt.TopLevelMixin:
    """Horizontal bars per ``line``, stacked by ``kind`` in the order of ``colours``."""
    order = {kind: position for position, kind in enumerate(colours)}
    return (
        alt.Chart(_data([{**row, "order": order[row["kind"]]} for row in rows]))
        .mark_bar(height=20, stroke="white", strokeWidth=0.6)
        .encode(
            y=alt.Y(
                "line:N",
                sort=list(lines),
                title=None,
                axis=alt.Axis(
                    domain=False,
                    ticks=False,
                    labelColor=INK,
                    labelLimit=150,
                    minExtent=110,
                    labelPadding=8,
                ),
            ),
            x=alt.X("value:Q", title=None, axis=alt.Axis(format=",~f", tickCount=5, domain=False)),
            color=alt.Color(
                "kind:N",
                scale=_colours(colours),
                legend=alt.Legend(orient="top", direction="horizontal", symbolType="square"),
            ),
            order=alt.Order("order:Q"),
            description=_note(),
        )
        .properties(width=width, height=34 * max(len(lines), 1), title=title)
    )


def ranges(
    rows: Rows, *, lines: Sequence[str], kinds: Mapping[str, tuple[str, str]], width: int
) -> alt.TopLevelMixin:
    """Per ``line`` a mark at ``value`` for every ``kind`` (colour and shape), and their range."""
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y(
            "line:N",
            sort=list(lines),
            title=None,
            axis=alt.Axis(
                domain=False, ticks=False, labelColor=INK, labelLimit=220, labelPadding=10
            ),
        )
    )
    domain = list(kinds)
    legend = alt.Legend(orient="top", direction="horizontal")
    return alt.layer(
        base.mark_rule(strokeWidth=8, color=PALE).encode(
            x=alt.X("min(value):Q", title=None), x2="max(value):Q"
        ),
        base.mark_point(filled=True, size=100, opacity=1).encode(
            x=alt.X(
                "value:Q",
                title=None,
                scale=alt.Scale(zero=True),
                axis=alt.Axis(format=",~f", tickCount=6, domain=False),
            ),
            color=alt.Color(
                "kind:N",
                sort=domain,
                scale=alt.Scale(domain=domain, range=[colour for colour, _ in kinds.values()]),
                legend=legend,
            ),
            shape=alt.Shape(
                "kind:N",
                sort=domain,
                scale=alt.Scale(domain=domain, range=[shape for _, shape in kinds.values()]),
                legend=legend,
            ),
            description=_note(),
        ),
    ).properties(width=width, height=46 * max(len(lines), 1))


def shares_by_kind(
    rows: Rows, *, lines: Sequence[str], kinds: Mapping[str, str], width: int
) -> alt.TopLevelMixin:
    """Per ``line``, one below the other, a share ``value`` for every ``kind`` with its interval."""
    order = list(kinds)
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y(
            "line:N",
            sort=list(lines),
            title=None,
            axis=alt.Axis(
                domain=False, ticks=False, labelColor=INK, labelLimit=220, labelPadding=10
            ),
        ),
        yOffset=alt.YOffset("kind:N", sort=order),
        color=alt.Color(
            "kind:N",
            sort=order,
            scale=_colours(kinds),
            legend=alt.Legend(orient="top", direction="horizontal", symbolType="square"),
        ),
    )
    axis = alt.Axis(format=".0%", tickCount=6, domain=False)
    return alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.45, aria=False).encode(
            x=alt.X("low:Q", title=None, axis=axis), x2="high:Q"
        ),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            x=alt.X("value:Q", title=None, axis=axis), description=_note()
        ),
    ).properties(width=width, height=(11 * max(len(kinds), 1) + 10) * max(len(lines), 1))


def steps(
    rows: Rows,
    totals: Rows,
    *,
    lines: Sequence[str],
    colours: Mapping[str, str],
    title: str,
    widths: tuple[int, int],
) -> alt.TopLevelMixin:
    """Per ``line`` its steps from left to right, of the colour of their ``kind``, and a bar.

    ``totals`` has a row per line with the bar's ``value`` and its ``text``.
    """
    y = alt.Y("line:N", sort=list(lines), title=None, axis=None)
    longest = max((row["step"] for row in rows), default=1)
    base = alt.Chart(_data(rows)).encode(
        y=y,
        x=alt.X(
            "step:Q",
            title=None,
            axis=None,
            scale=alt.Scale(domain=[0.5, longest + 0.5], nice=False),
        ),
    )
    ways = alt.layer(
        base.mark_line(color=MUTED, strokeWidth=2, aria=False).encode(detail="line:N"),
        base.mark_point(filled=True, size=210, shape="square", opacity=1).encode(
            color=alt.Color(
                "kind:N",
                sort=list(colours),
                scale=_colours(colours),
                legend=alt.Legend(
                    orient="top", direction="horizontal", symbolType="square", columns=5
                ),
            ),
            description=_note(),
        ),
    ).properties(width=widths[0], height=28 * max(len(lines), 1))
    most = max((row["value"] for row in totals), default=1) or 1
    bars = alt.Chart(_data(totals)).encode(
        y=y, x=alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, most * 1.6]))
    )
    ends = alt.layer(
        bars.mark_bar(height=17, color=ACCENT).encode(description=_note()),
        bars.mark_text(align="left", dx=5).encode(text="text:N"),
    ).properties(width=widths[1], height=28 * max(len(lines), 1), title=title)
    return side_by_side(ways, ends, spacing=20)


def line_over_time(rows: Rows, *, width: int) -> alt.TopLevelMixin:
    """Shares ``value`` by ISO date ``date``, one line."""
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "date:T",
            title=None,
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(format="%Y年%-m月" if is_chinese() else "%b %Y"),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%", tickCount=5, domain=False),
        ),
    )
    return alt.layer(
        base.mark_line(color=WARM, strokeWidth=2, aria=False),
        base.mark_point(filled=True, size=25, color=WARM, opacity=1).encode(description=_note()),
    ).properties(width=width, height=180)


def paths(rows: Rows, *, colours: Mapping[str, str], width: int) -> alt.TopLevelMixin:
    """Amounts ``value`` by ISO date ``date``, a line per ``kind``."""
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "date:T",
            title=None,
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(format="%Y年%-m月" if is_chinese() else "%b %Y"),
        ),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format=",~s", tickCount=5, domain=False)),
        color=alt.Color(
            "kind:N",
            sort=list(colours),
            scale=_colours(colours),
            legend=alt.Legend(orient="top", direction="horizontal", symbolType="square"),
        ),
    )
    return alt.layer(
        base.mark_line(strokeWidth=2, aria=False),
        base.mark_point(filled=True, size=25, opacity=1).encode(description=_note()),
    ).properties(width=width, height=180)


def response_curves(
    panels: Mapping[str, tuple[Rows, Rows]],
    *,
    kinds: tuple[str, str],
    titles: tuple[str, str],
) -> alt.TopLevelMixin:
    """A panel for each name: ``margin`` by ``spend`` within ``low`` and ``high``, and two marks.

    ``kinds`` are what the marks are called, ``titles`` the axes.
    """
    drawn = []
    for name, (curve, marks) in panels.items():
        x = alt.X("spend:Q", title=titles[0], axis=alt.Axis(format=",~s", tickCount=4))
        base = alt.Chart(_data(curve)).encode(x=x)
        y = alt.Y("margin:Q", title=titles[1], axis=_panel_axis(format=",~s", tickCount=4))
        drawn.append(
            alt.layer(
                base.mark_area(color=ACCENT, opacity=0.18, aria=False).encode(
                    y=alt.Y("low:Q", title=titles[1]), y2="high:Q"
                ),
                base.mark_line(color=ACCENT, strokeWidth=2, aria=False).encode(y=y),
                alt.Chart(_data(marks))
                .mark_point(filled=True, size=90, opacity=1)
                .encode(
                    x=x,
                    y=y,
                    color=alt.Color(
                        "kind:N",
                        sort=list(kinds),
                        scale=alt.Scale(domain=list(kinds), range=[INK, WARM]),
                        legend=alt.Legend(orient="top", direction="horizontal"),
                    ),
                    shape=alt.Shape(
                        "kind:N",
                        sort=list(kinds),
                        scale=alt.Scale(domain=list(kinds), range=["circle", "diamond"]),
                        legend=alt.Legend(orient="top", direction="horizontal"),
                    ),
                    description=_note(),
                ),
            ).properties(width=200, height=130, title=name)
        )
    return alt.concat(*drawn, columns=3, spacing=28).resolve_scale(
        x="independent", y="independent", color="shared", shape="shared"
    )
