"""What every dbt test holds, in words, for whoever looks at it as a check in Dagster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Arguments = Mapping[str, Any]


def describe_tests(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with what a test holds in its meta, where dagster-dbt looks for it."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test":
            told = " ".join(node["description"].split()) or _of_generic(node)
            node.setdefault("meta", {}).setdefault("description", told)
    return manifest


def _of_generic(node: Mapping[str, Any]) -> str:
    about = node["test_metadata"]
    return GENERIC[about["name"]](about["kwargs"])


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
    "valid_columns": _valid_columns,
}
"""What a generic test holds, from its arguments."""
