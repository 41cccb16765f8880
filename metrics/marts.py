"""The marts as their dbt contracts declare them: names, columns and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
PUBLISHED = ("core", "marts")
"""Folders of models whose models outside ``intermediate`` are published."""


@dataclass(frozen=True)
class Mart:
    """A published model: its columns with their types, in order, and the dbt group it is of."""

    name: str
    columns: Mapping[str, str]
    domain: str
    owner: str
    owner_email: str


@cache
def load_marts(models: Path = PROJECT / "models") -> Mapping[str, Mart]:
    """Every published model by name, read from the YAML files that declare the contracts."""
    files = list(_files(models))
    owners = {
        group["name"]: group["owner"] for _, file in files for group in file.get("groups", [])
    }
    return {
        model["name"]: Mart(
            model["name"],
            {
                column["name"]: "".join(str(column.get("data_type", "")).lower().split())
                for column in model.get("columns", [])
            },
            domain,
            owners[domain]["name"],
            owners[domain]["email"],
        )
        for domain, file in files
        for model in file.get("models", [])
    }


def _files(models: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Files that say something of published models, with the domain whose folder they are in."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for folder in PUBLISHED:
        for path in sorted((models / folder).rglob("_*.yml")):
            parts = path.relative_to(models).parts
            if "intermediate" not in parts and path.stem.endswith(("__models", "__groups")):
                domain = parts[1] if folder == "marts" else folder
                yield domain, yaml.load(path.read_text(encoding="utf-8"), loader) or {}
