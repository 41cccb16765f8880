"""Where things lie and what the environment says; the only reader of the project's variables.

The other rooms take paths and values as arguments.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[1]


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What a run needs to know about its surroundings.

    ``home`` is absolute. ``as_of_date`` replays a past date; None means the day after the last
    order that is not void. ``source_dir`` is the user's own landing folder; None means the Complete
    Journey data. ``keep_versions`` counts published versions. ``lock_wait_seconds`` is how long a
    run waits for another one to finish writing.
    """

    project_dir: Path
    home: Path
    as_of_date: date | None = None
    source_dir: Path | None = None
    keep_versions: int = 5
    lock_wait_seconds: int = 600

    @property
    def landing_dir(self) -> Path:
        """Landed Parquet files."""
        return self.home / "landing"

    @property
    def warehouse_path(self) -> Path:
        """The private build file."""
        return self.home / "warehouse.duckdb"

    @property
    def published_path(self) -> Path:
        """What BI tools open."""
        return self.home / "published" / "customer_lifecycle.duckdb"

    @property
    def versions_dir(self) -> Path:
        """Versions of the published file, with their history."""
        return self.home / "published" / "versions"

    @property
    def report_path(self) -> Path:
        """The run report."""
        return self.home / "report" / "index.html"

    @property
    def data_docs_dir(self) -> Path:
        """Data Docs of the validations."""
        return self.home / "data_docs"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance: runs, logs, configuration."""
        return self.home / "dagster"

    @property
    def dbt_target_dir(self) -> Path:
        """Artifacts of the dbt runs that Dagster starts.

        Sources are resolved to absolute paths when dbt parses, so every home needs its own.
        """
        return self.home / "dbt"

    @property
    def lock_path(self) -> Path:
        """The lock that every writer holds."""
        return self.home / "warehouse.lock"

    def export(self) -> None:
        """Set the variables that dbt and Dagster read, with absolute paths."""
        os.environ["LIFECYCLE_HOME"] = str(self.home)
        os.environ["DAGSTER_HOME"] = str(self.dagster_home)
        os.environ["DO_NOT_TRACK"] = "1"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    ``LIFECYCLE_HOME`` (default: ``data`` in the checkout), ``LIFECYCLE_AS_OF_DATE`` (ISO date),
    ``LIFECYCLE_SOURCE_DIR``, ``LIFECYCLE_KEEP_VERSIONS`` (default 5) and
    ``LIFECYCLE_LOCK_WAIT`` (seconds, default 600). Raises ``SettingsError`` naming the variable
    whose value cannot be used.
    """
    variables = os.environ if environment is None else environment
    home = variables.get("LIFECYCLE_HOME")
    source_dir = variables.get("LIFECYCLE_SOURCE_DIR")
    return Settings(
        project_dir=PROJECT_DIR,
        home=Path(home).expanduser().absolute() if home else PROJECT_DIR / "data",
        as_of_date=_date(variables, "LIFECYCLE_AS_OF_DATE"),
        source_dir=Path(source_dir).expanduser().absolute() if source_dir else None,
        keep_versions=_number(variables, "LIFECYCLE_KEEP_VERSIONS", default=5, least=1),
        lock_wait_seconds=_number(variables, "LIFECYCLE_LOCK_WAIT", default=600, least=0),
    )


def _date(variables: Mapping[str, str], name: str) -> date | None:
    text = variables.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}; expected a date as YYYY-MM-DD") from error


def _number(variables: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    text = variables.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}; expected a whole number of at least {least}")
    return int(text)
