"""``lifecycle erase``: removes persons from everything that this home holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console
from rich.markup import escape

from landing.suppression import Suppression, SuppressionError
from orchestration.cli import options
from orchestration.cli.again import render_again, to_postgres
from orchestration.cli.errors import RunFailedError
from orchestration.cli.execute import locked
from orchestration.cli.terminal import open_console
from orchestration.runs.lock import DatabaseOpenError, wait_until_closed
from orchestration.settings import POSTGRES, Settings
from serving.erase import Erased

if TYPE_CHECKING:
    from orchestration.runs.erasure import Request

_NAMED = 5
NOT_OURS = (
    "Not ours to rewrite, and still with them if they were there: your own source files (what "
    "lands from them again is left out, by the suppression list), backups, files that somebody "
    "downloaded, what BI tools have cached or hold open, and a PostgreSQL server that "
    "LIFECYCLE_PUBLISH_TO does not name, until the next publish to it."
)


@click.command()
@click.argument("customers", nargs=-1, metavar="CUSTOMER_ID...")
@click.option(
    "--from",
    "listed",
    type=click.File(encoding="utf-8"),
    help="File with a customer number a line; - reads them from the standard input, so that they "
    "stand in no history of a shell.",
)
@click.option("--dry-run", is_flag=True, help="Tell where they are, and change nothing.")
@options.wait
@click.pass_obj
def erase(
    settings: Settings,
    customers: tuple[str, ...],
    listed: TextIO | None,
    wait_seconds: int | None,
    *,
    dry_run: bool,
) -> None:
    """Remove persons from everything that is kept here.

    What landed, state, all published versions, report, lists, logs and Dagster's database are
    rewritten; orders stay, anonymous, so that totals stay. A list of salted hashes keeps later
    landings from bringing them back. The log (erasure_log.parquet in state/) says what was done and
    not for whom. After a crash give the command again.
    """
    # Studies take seconds to import: not for --help.
    from orchestration.runs.erasure import erase_persons, find, look_up  # noqa: PLC0415

    wanted = _wanted(customers, listed)
    if wait_seconds is not None:
        settings = replace(settings, lock_wait_seconds=wait_seconds)
    console = open_console()
    with locked(settings, console, command="lifecycle erase"):
        try:
            wait_until_closed(settings.warehouse_path, wait_seconds=settings.lock_wait_seconds)
            suppression = Suppression.read(settings.state_dir)
            request = look_up(settings, wanted, suppression)
            _refuse_unknown(request, len(wanted))
            if dry_run:
                _show(console, find(settings, request, suppression), "Nothing was changed.")
                return
            erased = erase_persons(
                settings,
                request,
                suppression,
                render=lambda: _render(settings, console),
                on_step=lambda step: console.print(f"Erasing: {escape(step)}"),
            )
        except (SuppressionError, DatabaseOpenError) as error:
            raise RunFailedError(str(error)) from error
        except sqlite3.OperationalError as error:
            raise RunFailedError(
                f"Dagster's database cannot be written ({error}): stop its pages and its daemon, "
                "and give the command again to finish"
            ) from error
    _show(console, erased, "")
    persons = "1 person is" if len(wanted) == 1 else f"{len(wanted):,} persons are"
    console.print(escape(f"{persons} erased. {NOT_OURS}"))
    if any(one.place == "warehouse" for one in erased):
        console.print("The warehouse is to be built again: lifecycle run")
    if settings.publish_to == POSTGRES and settings.published_path.exists():
        to_postgres(settings, console)


def _render(settings: Settings, console: Console) -> bool:
    """Whatever keeps the report from being rendered must not keep a person from being erased."""
    try:
        return render_again(settings, console)
    except Exception as error:
        console.print(f"[yellow]There is no report until the next run[/]: {escape(str(error))}")
        return False


def _wanted(customers: Iterable[str], listed: TextIO | None) -> list[str]:
    given = [*customers, *(listed or ())]
    wanted = sorted({one.strip() for one in given} - {""})
    if not wanted:
        raise click.UsageError("name a customer, or a file of them with --from")
    return wanted


def _refuse_unknown(request: Request, wanted: int) -> None:
    if not request.unknown:
        return
    named = ", ".join(request.unknown[:_NAMED])
    more = len(request.unknown) - _NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    raise RunFailedError(
        f"nothing was erased: {len(request.unknown):,} of {wanted:,} numbers are those of no "
        f"customer that landed, is published or was erased before: {named}{rest}"
    )


def _show(console: Console, erased: Iterable[Erased], end: str) -> None:
    any_found = False
    for one in erased:
        any_found = True
        rows = f"{one.rows:,}" if one.rows else "-"
        console.print(escape(f"{one.place:<10} {one.name:<70} {rows:>10}"), soft_wrap=True)
    if not any_found:
        console.print("Nothing of them is left here.")
    if end:
        console.print(end)
