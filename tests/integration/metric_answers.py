"""Answers of MetricFlow's engine over the published file, as ``mf query`` gives them.

One process asks for all metrics: each start of the command line parses the project anew.
"""

import datetime
import decimal
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from metrics import GRAINS, Metric
from metrics.semantic import group_by, write_project

Answer = dict[tuple[Any, ...], float]
NEWER_DBT = Path(sys.prefix) / "dbt-1.12"


class Planner:
    """What the engine needs to know of the database to write its SQL."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        return f"${bind_parameter_key}"


def write_and_read(
    folder: Path, published: Path, spec: str, command: str
) -> "subprocess.Popen[str]":
    """Have dbt read a project of the metrics: that which is installed, or the one after it."""
    write_project(folder, published, spec)
    path = {"PYTHONPATH": str(NEWER_DBT)} if spec == "embedded" else {}
    return subprocess.Popen(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", command],
        cwd=folder,
        env={**os.environ, **path, "DBT_PROFILES_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def engine(folder: Path) -> MetricFlowEngine:
    """The engine on the semantic manifest that dbt wrote."""
    manifest = parse_manifest_from_dbt_generated_manifest(
        (folder / "target" / "semantic_manifest.json").read_text(encoding="utf-8")
    )
    return MetricFlowEngine(SemanticManifestLookup(manifest), Planner())  # type: ignore[arg-type]


def answers(
    planner: MetricFlowEngine,
    connection: duckdb.DuckDBPyConnection,
    metrics: Sequence[Metric],
    by: Sequence[str],
) -> dict[str, Answer]:
    """The values of metrics of one mart by a grouping."""
    request = MetricFlowQueryRequest.create(
        metric_names=[metric.name for metric in metrics], group_by_names=group_by(metrics[0], by)
    )
    result = connection.execute(planner.explain(request).sql_statement.sql)
    names = [column[0] for column in result.description]
    keys = [names.index(name) for name in group_by(metrics[0], by)]
    rows = result.fetchall()
    return {
        metric.name: as_answer(
            [[*(row[key] for key in keys), row[names.index(metric.name)]] for row in rows]
        )
        for metric in metrics
    }


def as_answer(rows: Sequence[Sequence[Any]]) -> Answer:
    """Values by group; groups without a value, and counts of nothing, are left out."""
    return {tuple(map(_plain, row[:-1])): float(row[-1]) for row in rows if row[-1]}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.date()
    return float(value) if isinstance(value, decimal.Decimal) else value


def groupings(metric: Metric, grains: Sequence[str]) -> list[tuple[str, ...]]:
    """Two ways of grouping a metric: by time, and by what tells customers, channels, … apart."""
    grain = next(
        grain for grain in ("retail_week", "month", "day", "retail_month") if grain in grains
        and (grain != "retail_week" or metric.needs_time)
    )  # fmt: skip
    coarser = tuple(name for name in GRAINS if name in grains)[-1:]
    other = metric.dimensions[:1] or coarser
    if metric.needs_time and metric.dimensions:
        return [(grain,), (*coarser, *other)]
    return [(grain,), other if other != (grain,) else ()]
