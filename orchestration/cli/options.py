"""Options that several commands take, and the run configuration that they make."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

DATE = click.DateTime(formats=["%Y-%m-%d"])
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def as_of(function: Any) -> Any:
    """The date to replay."""
    return click.option(
        "--as-of",
        "as_of_date",
        type=DATE,
        help="Replay a past date: nothing dated on or after it is visible (default: "
        "LIFECYCLE_AS_OF_DATE, or the day after the last order that is not void).",
    )(function)


def source(function: Any) -> Any:
    """What to land."""
    for option in (
        click.option(
            "--force", is_flag=True, help="Write every landing table, unchanged ones too."
        ),
        click.option(
            "--landed-on",
            type=DATE,
            help="Day of landing of your own files: orders dated after it are in the future "
            "(default: today, in LIFECYCLE_TIME_ZONE).",
        ),
        click.option(
            "--from",
            "source_dir",
            type=FOLDER,
            help="Folder with your own files, CSV or Parquet, one or several for each table: "
            "orders.csv, order_lines.parquet, … (default: LIFECYCLE_SOURCE_DIR, or the Complete "
            "Journey).",
        ),
    ):
        function = option(function)
    return function


def accept_change(function: Any) -> Any:
    """Why a large change is no error."""
    return click.option(
        "--accept-change",
        "accept_change",
        metavar="REASON",
        help="Let a large change pass that would stop the run, of what landed or of what is "
        "published, and record why (default: LIFECYCLE_ACCEPT_CHANGE, or let none pass).",
    )(function)


def wait(function: Any) -> Any:
    """How long to wait for another run."""
    return click.option(
        "--wait",
        "wait_seconds",
        type=click.IntRange(min=0),
        help="Seconds to wait for another run to finish (default: LIFECYCLE_LOCK_WAIT, or 600).",
    )(function)


def landing_config(
    source_dir: Path | None, landed_on: datetime | None, force: bool
) -> dict[str, Any]:
    """What the landing step is told."""
    config: dict[str, Any] = {"force": force}
    if source_dir:
        config["source_dir"] = str(source_dir.absolute())
    if landed_on:
        config["landed_on"] = landed_on.date().isoformat()
    return {"land_tables": {"config": config}}


def warehouse_config(as_of_date: datetime | None, accept_change: str | None) -> dict[str, Any]:
    """What the warehouse is told."""
    config = {}
    if as_of_date is not None:
        config["as_of_date"] = as_of_date.date().isoformat()
    if accept_change:
        config["accept_change"] = accept_change
    return {"warehouse": {"config": config}} if config else {}
