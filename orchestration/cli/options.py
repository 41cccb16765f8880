"""Options that several commands take, and the run configuration that they make."""

from __future__ import annotations

import functools
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from landing.world.people import LONGEST_CARRY_OVER_DAYS
from landing.world.spec import BIASES

DATE = click.DateTime(formats=["%Y-%m-%d"])


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
    """What to land: the command takes it as ``landing``, configuration of the landing step."""

    @functools.wraps(function)
    def with_landing(*args: Any, **given: Any) -> Any:
        own = {name: given.pop(name) for name in ("source_dir", "landed_on", "force")}
        is_world = given.pop("is_world")
        world = {name: given.pop(name) for name in _WORLD}
        return function(*args, landing=_landing(**own, is_world=is_world, **world), **given)

    for option in reversed(_SOURCE):
        with_landing = option(with_landing)
    return with_landing


_SOURCE = (
    click.option(
        "--from",
        "source_dir",
        metavar="DIRECTORY",
        help="Folder with your own files, CSV or Parquet, one or several for each table: "
        "orders.csv, order_lines.parquet, … (default: LIFECYCLE_SOURCE_DIR, or the Complete "
        "Journey). With --world: the first day.",
    ),
    click.option(
        "--landed-on",
        type=DATE,
        help="Day of landing of your own files: orders dated after it are in the future "
        "(default: today, in LIFECYCLE_TIME_ZONE).",
    ),
    click.option("--force", is_flag=True, help="Write every landing table, unchanged ones too."),
    click.option(
        "--world", "is_world", is_flag=True, help="Land a made-up retailer whose truth is known."
    ),
    click.option("--customers", type=int, help="People in the world (default: 2,000)."),
    click.option("--to", "last_day", type=DATE, help="Last day of the world."),
    click.option("--seed", type=int, help="Of the world's draws (default: 1)."),
    click.option(
        "--without",
        multiple=True,
        metavar="campaign=ID|channel=NAME",
        help="Make the world's twin in which this never was. What a touch brings comes up to "
        f"{LONGEST_CARRY_OVER_DAYS} days after it: for the whole effect let --to be as much later.",
    ),
    click.option(
        "--price", multiple=True, metavar="category=NAME:+5%", help="A twin with other prices."
    ),
    click.option(
        "--spend",
        multiple=True,
        metavar="channel=NAME:0.99",
        help=f"A twin with other spend; orders come up to {LONGEST_CARRY_OVER_DAYS} days later.",
    ),
    click.option("--dirt", type=float, help="Share of the world's rows to spoil (default: none)."),
    click.option(
        "--bias",
        metavar=",".join(BIASES),
        help="What makes effects hard to estimate in the world (default: nothing).",
    ),
)
_WORLD = ("customers", "last_day", "seed", "without", "price", "spend", "dirt", "bias")


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


def _landing(
    source_dir: str | None,
    landed_on: datetime | None,
    *,
    force: bool,
    is_world: bool,
    last_day: datetime | None,
    bias: str | None,
    **knobs: Any,
) -> dict[str, Any]:
    """What the landing step is told; empty if nothing was said."""
    given = {name: value for name, value in knobs.items() if value not in (None, ())}
    if last_day:
        given["last_day"] = last_day.date().isoformat()
    if bias:
        given["bias"] = bias.split(",")
    config: dict[str, Any] = {"force": True} if force else {}
    if is_world:
        if landed_on:
            raise click.UsageError(
                "--landed-on does not go with --world, which lands after its last day"
            )
        if source_dir:
            given["first_day"] = _first_day(source_dir)
        config["world"] = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in given.items()
        }
    elif given:
        named = ", ".join("--" + {"last_day": "to"}.get(name, name) for name in given)
        raise click.UsageError(f"{named} does not go without --world")
    elif source_dir:
        if not Path(source_dir).is_dir():
            raise click.BadParameter(
                f"Directory {source_dir!r} does not exist.", param_hint="'--from'"
            )
        config["source_dir"] = str(Path(source_dir).absolute())
    if landed_on:
        config["landed_on"] = landed_on.date().isoformat()
    return {"land_tables": {"config": config}} if config else {}


def _first_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.BadParameter(
            f"{text!r}: with --world expected a date as YYYY-MM-DD.", param_hint="'--from'"
        ) from None


def warehouse_config(as_of_date: datetime | None, accept_change: str | None) -> dict[str, Any]:
    """What the warehouse is told."""
    config = {}
    if as_of_date is not None:
        config["as_of_date"] = as_of_date.date().isoformat()
    if accept_change:
        config["accept_change"] = accept_change
    return {"warehouse": {"config": config}} if config else {}
