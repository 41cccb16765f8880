"""The metrics as a dbt project of semantic models over the published file, for MetricFlow.

A project of its own: its models are views of the marts of the published file, of the columns that
metrics need, beside a time spine of the days observed. ``SPECS`` are the two ways of writing
semantic models: in a list of their own, as dbt 1.11 reads them, and as properties of models, as
dbt reads them from 1.12 on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from metrics.declaration import GRAINS, Metric, inputs_of, load, names_in
from metrics.marts import load_marts
from metrics.sql import find

SPECS = ("separate", "embedded")
NAME = "customer_lifecycle_metrics"
SPINE = "observed_days"
CUSTOM_GRAINS = {
    "retail_week": "retail_week_start_date",
    "retail_month": "retail_month_start_date",
}


def write_project(folder: Path, published: Path, spec: str = SPECS[0]) -> None:
    """Write the project into a folder: ``dbt run``, then ``mf query`` there."""
    files = {
        "dbt_project.yml": _yaml(
            {
                "name": NAME,
                "version": "1.0.0",
                "config-version": 2,
                "profile": NAME,
                "flags": {"send_anonymous_usage_stats": False},
                "models": {NAME: {"+materialized": "view"}},
            }
        ),
        "profiles.yml": _yaml({NAME: {"target": "published", "outputs": {"published": {
            "type": "duckdb",
            "path": str(folder / "metrics.duckdb"),
            "threads": 1,
            "attach": [{"path": str(published), "alias": "published", "read_only": True}],
        }}}}),
        "models/metrics.yml": _yaml(semantic(spec)),
        **{f"models/{name}.sql": text for name, text in models().items()},
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def models() -> Mapping[str, str]:
    """SQL of every model: a mart with the columns that metrics need, and the time spine."""
    spine = ", ".join(f"{column} as {grain}" for grain, column in CUSTOM_GRAINS.items())
    return {
        SPINE: f"select date_day, {spine} from published.marts.dim_dates where is_observed\n",
        **{
            mart: f"select {', '.join(_columns(metrics))} from published.marts.{mart}\n"
            for mart, metrics in _by_mart().items()
        },
    }


def group_by(metric: Metric, by: Sequence[str]) -> list[str]:
    """What MetricFlow calls the dimensions and the grain of a grouping."""
    return [f"metric_time__{name}" if name in GRAINS else f"{metric.mart}__{name}" for name in by]


def semantic(spec: str) -> dict[str, Any]:
    """Semantic models and metrics, written in one of the two ways."""
    if spec not in SPECS:
        raise ValueError(f"{spec} is none of {', '.join(SPECS)}")
    return _separate() if spec == "separate" else _embedded()


def _by_mart() -> Mapping[str, list[Metric]]:
    found: dict[str, list[Metric]] = {}
    for metric in load():
        found.setdefault(metric.mart, []).append(metric)
    return found


def _events(mart: str) -> dict[str, str]:
    """Entities of a mart with their expressions: whom a conversion follows, at the events it takes.

    Who is null at all other rows is followed at none of them.
    """
    found = {}
    for metric in load():
        for event in map(find, inputs_of(metric) if metric.type == "conversion" else ()):
            if event.mart == mart:
                condition = event.where or "true"
                found[f"{metric.name}_event"] = f"case when {condition} then {metric.entity} end"
    return found


def _columns(metrics: Sequence[Metric]) -> list[str]:
    mart = load_marts()[metrics[0].mart]
    used = {name for text in _events(mart.name).values() for name in names_in(text)}
    for metric in metrics:
        used.update([metric.time_column, *metric.dimensions, *names_in(metric.where)])
        if metric.type == "simple":
            used.update(names_in(metric.aggregate[1]))
    return [column for column in mart.columns if column in used]


def _times(metrics: Sequence[Metric]) -> dict[str, str]:
    return {metric.time_column: metric.grain for metric in metrics}


def _categories(metrics: Sequence[Metric]) -> list[str]:
    """Dimensions, and what metrics are filtered by."""
    names = [name for metric in metrics for name in metric.dimensions]
    names += [
        name for metric in metrics if metric.over_time == "last" for name in names_in(metric.where)
    ]
    return [name for name in dict.fromkeys(names) if name not in _times(metrics)]


def _measured(metric: Metric) -> dict[str, Any]:
    """Aggregate and expression; what is left out by a condition is null."""
    aggregate, of = metric.aggregate
    of = "1" if of == "*" else of
    if metric.where and metric.over_time != "last":
        of = f"case when {metric.where} then {of} end"
    return {"agg": aggregate, "expr": of}


def _filter(metric: Metric) -> dict[str, str]:
    """The condition of a metric of the last day, which is that of the rows that meet it."""
    if not metric.where or metric.over_time != "last":
        return {}
    names = "|".join(sorted(set(names_in(metric.where)), key=len, reverse=True))
    entity = metric.mart
    text = re.sub(rf"\b({names})\b", rf"{{{{ Dimension('{entity}__\1') }}}}", metric.where)
    return {"filter": text}


def _last_day(metric: Metric, choice: str) -> dict[str, Any]:
    if metric.over_time != "last":
        return {}
    return {"non_additive_dimension": {"name": metric.time_column, choice: "max"}}


def _said(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "label": metric.label.en,
        "description": metric.description.en,
        "type": metric.type,
        "config": {
            "meta": {
                "label_zh": metric.label.zh,
                "description_zh": metric.description.zh,
                "format": metric.format,
                "owner": metric.owner,
                "caveats": metric.caveats.en if metric.caveats else None,
                "caveats_zh": metric.caveats.zh if metric.caveats else None,
            }
        },
    }


def _window(metric: Metric) -> dict[str, str]:
    if metric.window == "all":
        return {"period_agg": "last"}
    if metric.window == "year to date":
        return {"grain_to_date": "year", "period_agg": "last"}
    return {"window": metric.window, "period_agg": "last"}


def _inputs(metric: Metric) -> list[dict[str, str]]:
    now = [name for name in inputs_of(metric) if name in names_in(metric.expression)]
    inputs = [{"name": name} for name in now]
    if metric.before:
        inputs.append(
            {
                "name": metric.before.metric,
                "alias": "before",
                "offset_window": metric.before.offset,
            }
        )
    return inputs


def _separate() -> dict[str, Any]:
    semantic_models = []
    for mart, metrics in _by_mart().items():
        simple = [metric for metric in metrics if metric.type == "simple"]
        semantic_models.append(
            {
                "name": mart,
                "model": f"ref('{mart}')",
                "primary_entity": mart,
                "defaults": {"agg_time_dimension": metrics[0].time_column},
                "entities": [
                    {"name": name, "type": "foreign", "expr": text}
                    for name, text in _events(mart).items()
                ],
                "dimensions": [
                    {"name": name, "type": "time", "type_params": {"time_granularity": grain}}
                    for name, grain in _times(metrics).items()
                ]
                + [{"name": name, "type": "categorical"} for name in _categories(metrics)],
                "measures": [
                    {
                        "name": metric.name,
                        **_measured(metric),
                        "agg_time_dimension": metric.time_column,
                        **_last_day(metric, "window_choice"),
                    }
                    for metric in simple
                ],
            }
        )
    return {
        "models": [_spine()],
        "semantic_models": semantic_models,
        "metrics": [_separate_metric(metric) for metric in load()],
    }


def _separate_metric(metric: Metric) -> dict[str, Any]:
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "simple": lambda: {"measure": metric.name},
        "ratio": lambda: {"numerator": metric.numerator, "denominator": metric.denominator},
        "cumulative": lambda: {
            "measure": metric.metric,
            "cumulative_type_params": _window(metric),
        },
        "derived": lambda: {"expr": metric.expression, "metrics": _inputs(metric)},
        "conversion": lambda: {
            "conversion_type_params": {
                "base_measure": metric.denominator,
                "conversion_measure": metric.numerator,
                "entity": f"{metric.name}_event",
                "calculation": "conversion_rate",
                "window": metric.window,
            }
        },
    }
    return {**_said(metric), **_filter(metric), "type_params": ways[metric.type]()}


def _embedded() -> dict[str, Any]:
    described = []
    for mart, metrics in _by_mart().items():
        times, categories = _times(metrics), _categories(metrics)
        columns: list[dict[str, Any]] = []
        for column in _columns(metrics):
            if column in times:
                columns.append(
                    {"name": column, "granularity": times[column], "dimension": {"type": "time"}}
                )
            elif column in categories:
                columns.append({"name": column, "dimension": {"type": "categorical"}})
        described.append(
            {
                "name": mart,
                "semantic_model": {"enabled": True, "name": mart},
                "primary_entity": mart,
                "agg_time_dimension": metrics[0].time_column,
                "columns": columns,
                "derived_semantics": {
                    "entities": [
                        {"name": name, "type": "foreign", "expr": text}
                        for name, text in _events(mart).items()
                    ]
                },
                "metrics": [
                    {
                        **_said(metric),
                        **_measured(metric),
                        **_filter(metric),
                        "agg_time_dimension": metric.time_column,
                        **_last_day(metric, "window_agg"),
                    }
                    for metric in metrics
                    if metric.type == "simple"
                ],
            }
        )
    return {
        "models": [_spine(), *described],
        "metrics": [_embedded_metric(metric) for metric in load() if metric.type != "simple"],
    }


def _embedded_metric(metric: Metric) -> dict[str, Any]:
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "ratio": lambda: {"numerator": metric.numerator, "denominator": metric.denominator},
        "cumulative": lambda: {"input_metric": metric.metric, **_window(metric)},
        "derived": lambda: {"expr": metric.expression, "input_metrics": _inputs(metric)},
        "conversion": lambda: {
            "base_metric": metric.denominator,
            "conversion_metric": metric.numerator,
            "entity": f"{metric.name}_event",
            "calculation": "conversion_rate",
            "window": metric.window,
        },
    }
    return {**_said(metric), **ways[metric.type]()}


def _spine() -> dict[str, Any]:
    return {
        "name": SPINE,
        "description": "Days before the as-of date. One row per day.",
        "time_spine": {
            "standard_granularity_column": "date_day",
            "custom_granularities": [{"name": name} for name in CUSTOM_GRAINS],
        },
        "columns": [
            {"name": "date_day", "granularity": "day"},
            *({"name": name} for name in CUSTOM_GRAINS),
        ],
    }


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
