"""Superset's datasets: published marts with their columns, labels and declared metrics."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

import metrics
from metrics import Metric
from serving.publish import SCHEMA

NAMESPACE = uuid.UUID("6f6dd1f8-0f5f-4c0e-8b0c-5a4a8a9f7a3e")
MODELS = Path(__file__).resolve().parents[1] / "models"
DATABASE = "Customer lifecycle"
LABELLED = "_label"
# As much as a dashboard of twelve charts needs beside a build on the same machine.
MEMORY_LIMIT = "1GB"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FORMATS = {"count": ",.0f", "money": ",.2f", "share": ".1%", "days": ",.1f", "number": ",.2f"}


@dataclass(frozen=True)
class Column:
    """A column of a published table."""

    name: str
    type: str
    description: str

    @property
    def is_temporal(self) -> bool:
        """Whether it says when."""
        return self.type.startswith(("DATE", "TIMESTAMP"))


@dataclass(frozen=True)
class Table:
    """A table of the published file. ``labels``: for a column of names, what each is called."""

    name: str
    description: str
    columns: Mapping[str, Column]
    labels: Mapping[str, Mapping[str, str]]

    def shown(self, column: str) -> str:
        """The column that tells a column in words, where it has labels."""
        return column + LABELLED if column in self.labels else column


@cache
def vocabularies() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The lists of names that each column of a mart is held to, by mart and column."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for path in sorted(MODELS.rglob("_*__models.yml")):
        for model in yaml.load(path.read_text(encoding="utf-8"), _LOADER)["models"]:
            for column, about in _tests(model):
                lists = dict(about.get("valid_columns", {}).get("vocabularies", {}))
                named = about.get("in_vocabulary", {})
                if "vocabulary" in named and "expression" not in named:
                    lists[column] = named["vocabulary"]
                for name, of in lists.items():
                    found[model["name"], name] = (of,) if isinstance(of, str) else tuple(of)
    return found


def _tests(model: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Mapping[str, Any]]]]:
    """The tests of a model and of its columns, with the column: their arguments by their name."""
    places = [("", model), *((column["name"], column) for column in model.get("columns", []))]
    for column, place in places:
        for test in place.get("data_tests", []):
            if not isinstance(test, str):
                yield column, {name: about.get("arguments", {}) for name, about in test.items()}


def read(published: Path) -> dict[str, Table]:
    """The tables that are published, by name."""
    with duckdb.connect(str(published), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type, coalesce(comment, '') "
            "from duckdb_columns() where schema_name = ? order by table_name, column_index",
            [SCHEMA],
        ).fetchall()
        tables = connection.execute(
            "select table_name, coalesce(comment, '') from duckdb_tables() where schema_name = ?",
            [SCHEMA],
        ).fetchall()
        labels: dict[str, dict[str, str]] = {}
        for vocabulary, value, english, chinese in connection.execute(
            f"select vocabulary, value, label_en, label_zh from {SCHEMA}.labels "
            "order by vocabulary, sort_order, value"
        ).fetchall():
            labels.setdefault(vocabulary, {})[value] = f"{english} {chinese}"
    held = vocabularies()
    # A mart that passes a column of names on need not test it again.
    usual = {column: names for (_, column), names in held.items() if names == (column,)}
    by_table: dict[str, dict[str, Column]] = {}
    for table, name, kind, comment in columns:
        by_table.setdefault(table, {})[name] = Column(name, kind, comment)
    return {
        name: Table(
            name,
            comment,
            by_table[name],
            {
                column: told
                for column in by_table[name]
                if (told := _told(labels, held.get((name, column)) or usual.get(column, ())))
            },
        )
        for name, comment in sorted(tables)
    }


def _told(
    labels: Mapping[str, Mapping[str, str]], vocabularies: Sequence[str]
) -> Mapping[str, str]:
    return {value: text for name in vocabularies for value, text in labels.get(name, {}).items()}


def identity(kind: str, name: str) -> str:
    """The id by which Superset knows the same thing again when it is imported once more."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def database(published: Path) -> dict[str, Any]:
    """The published file as a Superset database that nothing can be written to.

    Queries see this file alone: DuckDB would read any other that a query names.
    """
    return {
        "database_name": DATABASE,
        "uuid": identity("database", DATABASE),
        "sqlalchemy_uri": f"duckdb:///{published}",
        "cache_timeout": 0,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "is_managed_externally": True,
        "extra": {
            "allows_virtual_table_explore": True,
            "engine_params": {
                "connect_args": {
                    "read_only": True,
                    "config": {
                        "memory_limit": MEMORY_LIMIT,
                        "enable_external_access": "false",
                    },
                }
            },
        },
        "version": "1.0.0",
    }


def superset_metric(metric: Metric) -> dict[str, Any] | None:
    """A declared metric as a dataset has it; None where it is no aggregate of one table.

    Windows, offsets and conversions are such: Superset would have to know the calendar.
    """
    expression = metrics.expression(metric)
    if expression is None:
        return None
    description = f"{metric.description.en} {metric.description.zh}"
    return {
        "metric_name": metric.name,
        "verbose_name": f"{metric.label.en} {metric.label.zh}",
        "expression": expression,
        "description": description,
        "d3format": FORMATS[metric.format],
        "warning_text": f"{metric.caveats.en} {metric.caveats.zh}" if metric.caveats else None,
        "extra": {"certification": {"certified_by": metric.owner, "details": "metrics/"}},
    }


def is_expressible(metric: Metric) -> bool:
    """Whether a dataset can have the metric."""
    return metrics.expression(metric) is not None


def dataset(table: Table, declared: Sequence[Metric]) -> dict[str, Any]:
    """A published table as a Superset dataset, with those of the metrics that are its own."""
    own = [metric for metric in declared if metric.mart == table.name]
    time_columns = [metric.time_column for metric in own if metric.time_column in table.columns]
    temporal = [column.name for column in table.columns.values() if column.is_temporal]
    return {
        "table_name": table.name,
        "uuid": identity("dataset", table.name),
        "database_uuid": identity("database", DATABASE),
        "schema": SCHEMA,
        "description": table.description,
        "main_dttm_col": next(iter([*time_columns, *temporal]), None),
        "cache_timeout": 0,
        "filter_select_enabled": True,
        "is_managed_externally": True,
        "columns": [
            *(_column(column) for column in table.columns.values()),
            *(_label(table.columns[name], labels) for name, labels in table.labels.items()),
        ],
        "metrics": [found for metric in own if (found := superset_metric(metric))],
        "version": "1.0.0",
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "verbose_name": column.name.replace("_", " "),
        "is_dttm": column.is_temporal,
        "is_active": True,
        "type": column.type,
        "groupby": True,
        "filterable": True,
        "description": column.description,
    }


def _label(column: Column, labels: Mapping[str, str]) -> dict[str, Any]:
    """A column of names with what people call them, in both languages."""
    cases = " ".join(f"when {_quote(value)} then {_quote(text)}" for value, text in labels.items())
    return {
        "column_name": column.name + LABELLED,
        "verbose_name": column.name.replace("_", " "),
        "is_dttm": False,
        "is_active": True,
        "type": "VARCHAR",
        "groupby": True,
        "filterable": True,
        "expression": f"case {column.name} {cases} else {column.name} end",
        "description": column.description,
    }


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def as_json(value: object) -> str:
    """JSON with Chinese as it is written."""
    return json.dumps(value, ensure_ascii=False)
