"""What dbt's tests hold and what they found, in words: checks in Dagster and messages say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
from dbt.artifacts.schemas.results import NodeStatus
from dbt.artifacts.schemas.run import RunResult

from landing.engine import connect

Arguments = Mapping[str, Any]
COLUMNS = "valid_columns"
_SHOWN = 100


def describe_tests(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with what a test holds in its meta, where dagster-dbt looks for it."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test":
            told = " ".join(node["description"].split()) or _of_generic(node)
            node.setdefault("meta", {}).setdefault("description", told)
    return manifest


def found(result: RunResult, warehouse_path: Path) -> str:
    """What a failed data test found: rules of columns that do not hold, else its first row.

    Empty for what is no test that failed.
    """
    if result.status != NodeStatus.Fail:
        return ""
    with connect(warehouse_path, read_only=True) as connection:
        try:
            rows = connection.sql(
                f"select * from ({result.node.compiled_code}) as found order by all"
            )
        except duckdb.Error:
            # Of Spark the file has tables, and no views.
            return ""
        names, (first, *more) = rows.columns, rows.limit(_SHOWN).fetchall()
    about = getattr(result.node, "test_metadata", None)
    if about is None or about.name != COLUMNS:
        told = ", ".join(f"{name} {value}" for name, value in zip(names, first, strict=True))
        return f" ({told})"
    broken = (
        f"{column} is to be {holds}, and is not in {count} row{'s' if count != 1 else ''}"
        + (f" (such as {example})" if example is not None else "")
        for column, holds, count, example in (first, *more)
    )
    return f": {'; '.join(broken)}"


def _of_generic(node: Mapping[str, Any]) -> str:
    # dbt loses the description of a test in a file that changed when it parses that alone.
    about = node.get("test_metadata", {})
    holds = GENERIC.get(about.get("name"))
    return holds(about["kwargs"]) if holds else f"{node['name'].replace('_', ' ')}."


def _valid_columns(given: Arguments) -> str:
    rules = {
        "Never null": list(given.get("not_null", ())),
        "Within bounds": [
            f"{column} ({bounds})" for column, bounds in _bounds(given.get("ranges", {}))
        ],
        "Has labels": [
            f"{column} ({names if isinstance(names, str) else ' or '.join(names)})"
            for column, names in given.get("vocabularies", {}).items()
        ],
    }
    return " ".join(f"{rule}: {', '.join(columns)}." for rule, columns in rules.items() if columns)


def _bounds(ranges: Mapping[str, tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    for column, (least, greatest) in ranges.items():
        ends = (("from", least), ("to", greatest))
        yield column, " ".join(f"{word} {end}" for word, end in ends if end is not None)


GENERIC: Mapping[str, Callable[[Arguments], str]] = {
    "not_null": lambda given: f"{given['column_name']} is never null.",
    "unique": lambda given: f"{given['column_name']} identifies a row.",
    "unique_combination": lambda given: f"{', '.join(given['columns'])} identify a row.",
    "relationships": lambda given: f"{given['column_name']} is in {given['to']}.{given['field']}.",
    "accepted_values": lambda given: (
        f"{given['column_name']} is one of {', '.join(map(str, given['values']))}."
    ),
    "in_vocabulary": lambda given: (
        f"{given.get('expression', given['column_name'])} has a label of {given['vocabulary']}."
    ),
    "expression_is_true": lambda given: (
        f"In every row: {given.get('column_name') or ''} {given['expression']}".replace(":  ", ": ")
    ),
    "tiers_without_hole_or_overlap": lambda _: "Tiers follow each other without hole or overlap.",
    COLUMNS: _valid_columns,
}
"""What a generic test holds, from its arguments."""
