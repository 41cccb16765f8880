"""The marts as their dbt contracts declare them: names, columns and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
PUBLISHED = ("core", "marts")
"""Folders of models whose models outside ``intermediate`` are published."""


@dataclass(frozen=True)
class Mart:
    """A published model: its columns with their types, in order."""

    name: str
    columns: Mapping[str, str]
    path: Path = field(compare=False)


@cache
def load_marts(models: Path = PROJECT / "models") -> Mapping[str, Mart]:
    """Every published model by name, read from the YAML files that declare the contracts."""
    return {
        model["name"]: Mart(
            model["name"],
            {
                column["name"]: "".join(str(column.get("data_type", "")).lower().split())
                for column in model.get("columns", [])
            },
            path,
        )
        for path, model in _published_models(models)
    }


def _published_models(models: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for folder in PUBLISHED:
        for path in sorted((models / folder).rglob("_*__models.yml")):
            if "intermediate" in path.relative_to(models).parts:
                continue
            content = yaml.load(path.read_text(encoding="utf-8"), loader)
            for model in content.get("models", []):
                yield path, model
