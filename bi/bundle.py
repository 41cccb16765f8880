"""The bundle that Superset imports: a folder of YAML, made anew at every start."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bi import dashboards, datasets
from bi.dashboards import Dashboard
from metrics import Metric

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Bundle:
    """``files``: contents by path. ``missing``: marts of charts that are not published."""

    files: Mapping[str, Mapping[str, Any]]
    missing: tuple[str, ...] = ()


def bundle(
    published: Path, declared: Sequence[Metric], boards: Sequence[Dashboard] | None = None
) -> Bundle:
    """What Superset shows of a published file: marts with metrics, and what dashboards ask of."""
    wanted = dashboards.load() if boards is None else boards
    tables = datasets.read(published)
    shown = [dashboards.available(each, tables) for each in wanted]
    by_name = {metric.name: metric for metric in declared}
    marts = sorted(
        {metric.mart for metric in declared if metric.mart in tables}
        | {chart.mart for each in shown for chart in each.charts}
        | {each.mart for dashboard in shown for each in dashboard.filters if each.mart}
    )
    files: dict[str, Mapping[str, Any]] = {
        "metadata.yaml": {
            "version": "1.0.0",
            "type": "assets",
            # Superset asks for a time; one that stands still lets equal bundles be equal.
            "timestamp": "2000-01-01T00:00:00+00:00",
        },
        "databases/customer_lifecycle.yaml": datasets.database(published),
    }
    for mart in marts:
        files[f"datasets/{mart}.yaml"] = datasets.dataset(tables[mart], declared)
    for dashboard in shown:
        for chart in dashboard.charts:
            name = chart.title.en.lower().replace(" ", "_")
            files[f"charts/{dashboard.slug}/{name}.yaml"] = dashboards.superset_chart(
                dashboard, chart, tables[chart.mart], by_name
            )
        files[f"dashboards/{dashboard.slug}.yaml"] = dashboards.superset_dashboard(
            dashboard, tables
        )
    asked = {chart.mart for each in wanted for chart in each.charts}
    return Bundle(files, tuple(sorted(asked - set(tables))))


def write(made: Bundle, folder: Path) -> None:
    """Write the bundle into a folder of its own, in place of an earlier one."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in made.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.dump(
            dict(content), Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100
        )
        path.write_text(text, encoding="utf-8")
