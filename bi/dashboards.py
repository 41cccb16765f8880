"""Superset's charts and dashboards, from the YAML files in ``boards/``: what they ask, not how.

A file says for whom a dashboard is, its question, filters, and rows of charts. A chart names
declared metrics, and a grain of time or columns of their mart to group them by; one that lists
rows names a mart and its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bi.datasets import FORMATS, Column, Table, as_json, identity, is_expressible
from metrics import Metric, Text

HERE = Path(__file__).resolve().parent / "boards"
GRAINS = {"day": "P1D", "week": "P1W", "month": "P1M", "quarter": "P3M"}
_COLUMNS = 12
# What each kind of chart is called in Superset.
KINDS = {
    "number": "big_number_total",
    "latest": "big_number",
    "line": "echarts_timeseries_line",
    "columns": "echarts_timeseries_bar",
    "bars": "echarts_timeseries_bar",
    "heatmap": "heatmap_v2",
    "table": "table",
    "rows": "table",
}


class DashboardError(ValueError):
    """A dashboard asks for what there is not."""


@dataclass(frozen=True)
class Chart:
    """A chart of a dashboard.

    ``where`` are conditions as (column, operator, value). ``order`` names the column that rows are
    listed by, with a minus for the largest first.
    """

    kind: str
    title: Text
    mart: str
    metrics: tuple[str, ...] = ()
    grain: str = ""
    time: str = ""
    by: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    where: tuple[tuple[str, str, Any], ...] = ()
    order: str = ""
    limit: int = 100
    width: int = 0
    stacked: bool = False


@dataclass(frozen=True)
class Filter:
    """What a reader can narrow a dashboard by: a column of a mart, or time if there is none."""

    title: Text
    mart: str = ""
    column: str = ""


@dataclass(frozen=True)
class Row:
    """Charts beside each other. ``height`` is in Superset's units of 8 pixels."""

    charts: tuple[Chart, ...]
    height: int


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: for whom, which question it answers, and with what."""

    slug: str
    title: Text
    audience: Text
    question: Text
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...] = field(default=())

    @property
    def charts(self) -> Iterator[Chart]:
        """All its charts."""
        return (chart for row in self.rows for chart in row.charts)


@cache
def load(folder: Path = HERE) -> tuple[Dashboard, ...]:
    """The dashboards, by file name."""
    return tuple(_read(path) for path in sorted(folder.glob("*.yml")))


def _read(path: Path) -> Dashboard:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Dashboard(
        slug=content["slug"],
        title=Text(**content["title"]),
        audience=Text(**content["audience"]),
        question=Text(**content["question"]),
        filters=tuple(
            Filter(**{**entry, "title": Text(**entry["title"])}) for entry in content["filters"]
        ),
        rows=tuple(
            Row(tuple(_chart(entry) for entry in row["charts"]), row["height"])
            for row in content["rows"]
        ),
    )


def _chart(entry: Mapping[str, Any]) -> Chart:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
    }
    values["where"] = tuple(tuple(condition) for condition in entry.get("where", ()))
    values["title"] = Text(**entry["title"])
    return Chart(**values)


def available(dashboard: Dashboard, tables: Mapping[str, Table]) -> Dashboard:
    """The dashboard without charts and filters of marts that an older published file lacks."""
    rows = (
        replace(row, charts=tuple(chart for chart in row.charts if chart.mart in tables))
        for row in dashboard.rows
    )
    return replace(
        dashboard,
        rows=tuple(row for row in rows if row.charts),
        filters=tuple(each for each in dashboard.filters if not each.mart or each.mart in tables),
    )


def chart_id(dashboard: Dashboard, chart: Chart) -> str:
    """Title and place identify a chart, so that one that is mended stays the same."""
    return identity("chart", f"{dashboard.slug}/{chart.title.en}")


def superset_chart(
    dashboard: Dashboard, chart: Chart, table: Table, declared: Mapping[str, Metric]
) -> dict[str, Any]:
    """The chart as Superset imports it. Raises ``DashboardError`` if it asks for what is not."""
    for problem in _problems(chart, table, declared):
        raise DashboardError(f"{dashboard.slug}: {chart.title.en}: {problem}")
    own = [declared[name] for name in chart.metrics]
    return {
        "slice_name": both(chart.title),
        "description": "\n".join(f"{both(m.label)}: {both(m.description)}" for m in own),
        "viz_type": KINDS[chart.kind],
        "params": _params(chart, table, own),
        "uuid": chart_id(dashboard, chart),
        "dataset_uuid": identity("dataset", table.name),
        "cache_timeout": 0,
        "is_managed_externally": True,
        "version": "1.0.0",
    }


def _problems(chart: Chart, table: Table, declared: Mapping[str, Metric]) -> Iterator[str]:
    if chart.kind not in KINDS:
        yield f"there is no chart {chart.kind}"
    if bool(chart.metrics) == (chart.kind == "rows"):
        yield "rows have columns, every other chart has metrics"
    for name in chart.metrics:
        if name not in declared:
            yield f"there is no metric {name}"
            continue
        metric = declared[name]
        if metric.mart != chart.mart:
            yield f"{name} is a metric of {metric.mart}"
        if not is_expressible(metric) and not _is_whole(metric, chart):
            yield f"{name} cannot be told by {chart.grain or 'no grain of time'}"
        if others := sorted(set(chart.by) - set(metric.dimensions)):
            yield f"{name} has no dimension {', '.join(others)}"
    asked = [*chart.by, *chart.columns, *(column for column, _, _ in chart.where), chart.time]
    asked.append(chart.order.removeprefix("-"))
    for name in asked:
        if name and name not in table.columns and name not in chart.metrics:
            yield f"{chart.mart} has no column {name}"
    if chart.grain and not chart.time:
        yield "a grain of time needs the column that it is of"


def both(text: Text) -> str:
    """In both languages, beside each other."""
    return f"{text.en} {text.zh}"


def _is_whole(metric: Metric, chart: Chart) -> bool:
    """Whether each period has one day, so that what cannot be added up over time need not be."""
    last = metric.type == "simple" and metric.over_time == "last"
    return last and metric.grain == chart.grain != "day"


def _metric(metric: Metric) -> str | dict[str, Any]:
    """The dataset's metric by name, or what it cannot have written out."""
    if is_expressible(metric):
        return metric.name
    condition = f" filter (where {metric.where})" if metric.where else ""
    return {
        "expressionType": "SQL",
        "sqlExpression": metric.expression + condition,
        "label": both(metric.label),
        "hasCustomLabel": True,
        "optionName": f"metric_{metric.name}",
    }


def _params(chart: Chart, table: Table, own: Sequence[Metric]) -> dict[str, Any]:
    by = [table.shown(column) for column in chart.by]
    number = FORMATS[own[0].format] if own else ",.2f"
    # An axis has no room for cents.
    axis_number = number if number.endswith("%") else "SMART_NUMBER"
    common: dict[str, Any] = {
        "viz_type": KINDS[chart.kind],
        "adhoc_filters": [*_time_filter(chart), *map(_condition, chart.where)],
        "row_limit": chart.limit,
        "y_axis_format": axis_number,
        "color_scheme": "supersetColors",
        "time_grain_sqla": GRAINS.get(chart.grain),
    }
    names = [_metric(metric) for metric in own]
    # A query for a time range asks for the column that it is of.
    if chart.time:
        common["granularity_sqla"] = chart.time
    if chart.kind == "number":
        return {
            **common,
            "metric": names[0],
            "y_axis_format": ",.0f" if own[0].format == "money" else number,
            "header_font_size": 0.5,
        }
    if chart.kind == "latest":
        return {
            **common,
            "metric": names[0],
            "y_axis_format": number,
            "x_axis": chart.time,
            "aggregation": "LAST_VALUE",
            "compare_lag": 1,
            "compare_suffix": f"against the {chart.grain} before",
            "show_timestamp": True,
            "show_trend_line": True,
            "start_y_axis_at_zero": True,
            "time_format": "%Y-%m-%d",
            "header_font_size": 0.5,
            "subheader_font_size": 0.15,
        }
    if chart.kind in ("line", "columns", "bars"):
        horizontal = chart.kind == "bars"
        axis = chart.time if chart.grain else by[0]
        grouped = by if chart.grain else by[1:]
        return {
            **common,
            "metrics": names,
            "x_axis": axis,
            "groupby": grouped,
            "x_axis_sort": None if chart.grain else own[0].name,
            "x_axis_sort_asc": horizontal,
            "orientation": "horizontal" if horizontal else "vertical",
            "stack": "Stack" if chart.stacked else None,
            "show_legend": len(names) + len(grouped) > 1,
            "legendOrientation": "top",
            "legendType": "scroll",
            "rich_tooltip": True,
            "truncateXAxis": True,
            "truncate_metric": True,
            "x_axis_time_format": "%Y-%m" if chart.grain == "month" else "%Y-%m-%d",
            "y_axis_bounds": [None, None],
        }
    if chart.kind == "heatmap":
        return {
            **common,
            "metric": names[0],
            "x_axis": by[0],
            "groupby": by[1],
            "show_values": True,
            "show_legend": True,
            "linear_color_scheme": "superset_seq_1",
            "normalize_across": "heatmap",
            "sort_x_axis": "alpha_asc",
            "sort_y_axis": "alpha_asc",
            # Names are many and long: every one, aslant.
            "xscale_interval": 1,
            "xAxisLabelRotation": 45,
            "bottom_margin": "auto",
            "left_margin": 125,
        }
    listed = {
        **common,
        "server_pagination": False,
        "page_length": 20,
        "include_search": chart.kind == "rows",
        "table_timestamp_format": "%Y-%m-%d",
        "show_cell_bars": chart.kind == "table",
    }
    column = table.shown(chart.order.removeprefix("-"))
    falling = chart.order.startswith("-")
    if chart.kind == "rows":
        return {
            **listed,
            "query_mode": "raw",
            "all_columns": [table.shown(name) for name in chart.columns],
            "order_by_cols": [as_json([column, not falling])] if chart.order else [],
            "column_config": {
                table.shown(name): {"d3NumberFormat": form}
                for name in chart.columns
                if (form := _form(table.columns[name]))
            },
        }
    newest = {
        "expressionType": "SIMPLE",
        "aggregate": "MAX",
        "column": {"column_name": chart.time},
        "label": chart.time,
    }
    return {
        **listed,
        "query_mode": "aggregate",
        "groupby": [chart.time, *by] if chart.grain else by,
        "temporal_columns_lookup": {chart.time: True} if chart.grain else {},
        "metrics": names,
        "timeseries_limit_metric": newest if chart.grain else names[0],
        "order_desc": True,
        "column_config": {
            metric.name: {"d3NumberFormat": FORMATS[metric.format]} for metric in own
        },
    }


def _form(column: Column) -> str:
    """How a column of numbers is written."""
    if column.name.endswith(("_share", "_rate")) or column.name.startswith("change_"):
        return FORMATS["share"]
    if column.type.startswith("DECIMAL"):
        return FORMATS["money"]
    return ",.4~r" if column.type == "DOUBLE" else ""


def _time_filter(chart: Chart) -> list[dict[str, Any]]:
    if not chart.time:
        return []
    return [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": chart.time,
            "operator": "TEMPORAL_RANGE",
            "comparator": "No filter",
        }
    ]


def _condition(condition: tuple[str, str, Any]) -> dict[str, Any]:
    column, operator, value = condition
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "comparator": value,
    }


def superset_dashboard(dashboard: Dashboard, tables: Mapping[str, Table]) -> dict[str, Any]:
    """The dashboard as Superset imports it."""
    numbers = {chart_id(dashboard, chart): n for n, chart in enumerate(dashboard.charts, 1)}
    return {
        "dashboard_title": both(dashboard.title),
        "description": both(dashboard.question),
        "slug": dashboard.slug,
        "uuid": identity("dashboard", dashboard.slug),
        "position": _position(dashboard, numbers),
        "metadata": {
            "native_filter_configuration": [
                _filter(dashboard, number, each, tables, numbers)
                for number, each in enumerate(dashboard.filters, 1)
            ],
            "cross_filters_enabled": True,
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
        },
        "published": True,
        "is_managed_externally": True,
        "version": "1.0.0",
    }


def _filter(
    dashboard: Dashboard,
    number: int,
    each: Filter,
    tables: Mapping[str, Table],
    numbers: Mapping[str, int],
) -> dict[str, Any]:
    """A filter, in the scope of the charts whose mart has its column."""
    if each.column and each.column not in tables[each.mart].columns:
        raise DashboardError(f"{dashboard.slug}: {each.mart} has no column {each.column}")
    outside = [
        numbers[chart_id(dashboard, chart)]
        for chart in dashboard.charts
        if not (_has(tables[chart.mart], tables[each.mart], each) if each.column else chart.time)
    ]
    target = {
        "datasetUuid": identity("dataset", each.mart),
        "column": {"name": tables[each.mart].shown(each.column)} if each.column else {},
    }
    return {
        "id": f"NATIVE_FILTER-{dashboard.slug}-{number}",
        "name": both(each.title),
        "type": "NATIVE_FILTER",
        "filterType": "filter_select" if each.column else "filter_time",
        "targets": [target] if each.column else [{}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": outside},
        "controlValues": {
            "multiSelect": True,
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "searchAllOptions": False,
            "inverseSelection": False,
        }
        if each.column
        else {"enableEmptyFilter": False},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "description": "",
    }


def _has(table: Table, asked: Table, each: Filter) -> bool:
    """Whether a table can be narrowed by a column of another as that one tells it."""
    shown = asked.shown(each.column)
    return each.column in table.columns and table.shown(each.column) == shown


def _position(dashboard: Dashboard, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Rows of charts below a text that says for whom the dashboard is and what it answers."""
    grid: list[str] = []
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": grid, "parents": ["ROOT_ID"]},
        "HEADER_ID": {
            "id": "HEADER_ID",
            "type": "HEADER",
            "meta": {"text": both(dashboard.title)},
        },
    }

    def row(name: str, children: list[str]) -> list[str]:
        grid.append(name)
        position[name] = {
            "id": name,
            "type": "ROW",
            "children": children,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        return ["ROOT_ID", "GRID_ID", name]

    position["MARKDOWN-1"] = {
        "id": "MARKDOWN-1",
        "type": "MARKDOWN",
        "children": [],
        "parents": row("ROW-0", ["MARKDOWN-1"]),
        "meta": {"width": _COLUMNS, "height": 12, "code": _introduction(dashboard)},
    }
    for number, each in enumerate(dashboard.rows, 1):
        names = [f"CHART-{numbers[chart_id(dashboard, chart)]}" for chart in each.charts]
        parents = row(f"ROW-{number}", names)
        free = _COLUMNS - sum(chart.width for chart in each.charts)
        without = sum(not chart.width for chart in each.charts) or 1
        for name, chart in zip(names, each.charts, strict=True):
            position[name] = {
                "id": name,
                "type": "CHART",
                "children": [],
                "parents": parents,
                "meta": {
                    "chartId": numbers[chart_id(dashboard, chart)],
                    "uuid": chart_id(dashboard, chart),
                    "sliceName": both(chart.title),
                    "width": chart.width or free // without,
                    "height": each.height,
                },
            }
    return position


def _introduction(dashboard: Dashboard) -> str:
    return "\n\n".join(
        f"**{question}** {audience}"
        for question, audience in (
            (dashboard.question.en, dashboard.audience.en),
            (dashboard.question.zh, dashboard.audience.zh),
        )
    )
