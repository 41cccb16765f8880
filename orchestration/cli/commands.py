"""The command ``lifecycle``: run, land, publish, roll back, look."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from landing.engine import limit
from orchestration.cli import options
from orchestration.cli.actions import actions
from orchestration.cli.again import render_again, to_postgres
from orchestration.cli.attribute import attribute
from orchestration.cli.boards import boards
from orchestration.cli.erase import erase
from orchestration.cli.errors import RunFailedError, refused
from orchestration.cli.evaluate import evaluate
from orchestration.cli.execute import execute, locked
from orchestration.cli.status import show_status
from orchestration.cli.summary import show
from orchestration.cli.terminal import open_console
from orchestration.settings import POSTGRES, Settings, SettingsError, load_settings
from serving.contracts import write_contracts
from serving.publish import UnknownVersionError, rollback
from serving.summary import summarise


class _Commands(click.Group):
    """Commands that say in one sentence what the system refuses: a full disk, a folder not ours."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise RunFailedError(refused(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="customer-lifecycle-warehouse", message="%(version)s")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for everything made at run time (default: LIFECYCLE_HOME, or data in the "
    "checkout).",
)
@click.pass_context
def main(context: click.Context, home: Path | None) -> None:
    """Customer lifecycle warehouse: from landed files to published marts.

    The default data is the Complete Journey: a year of a real supermarket. Point
    LIFECYCLE_SOURCE_DIR or --from at your own files to use those.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        raise RunFailedError(str(error)) from error
    settings = replace(settings, home=home.expanduser().absolute()) if home else settings
    limit(settings.memory_limit, settings.spill_dir)
    context.obj = settings


main.add_command(actions)
main.add_command(attribute)
main.add_command(boards)
main.add_command(erase)
main.add_command(evaluate)
main.add_command(show_status)


@main.command()
@options.source
@options.as_of
@click.option("--skip-landing", is_flag=True, help="Build from what has landed before.")
@options.accept_change
@options.wait
@click.pass_obj
def run(
    settings: Settings,
    *,
    landing: dict[str, Any],
    as_of_date: datetime | None,
    skip_landing: bool,
    accept_change: str | None,
    wait_seconds: int | None,
) -> None:
    """Land, build, score, validate, publish, report.

    Runs the Dagster job refresh in this process, recorded like any other run. The published file
    changes only if every blocking check has passed.
    """
    if skip_landing and landing:
        raise click.UsageError("--skip-landing does not go with what says what to land")
    job = "build" if skip_landing else "refresh"
    resources = options.warehouse_config(as_of_date, accept_change)
    console = execute(
        _waiting(settings, wait_seconds), job, {"ops": landing, "resources": resources}
    )
    show(console, summarise(settings.published_path), settings)


@main.command()
@options.source
@options.accept_change
@options.wait
@click.pass_obj
def land(
    settings: Settings,
    *,
    landing: dict[str, Any],
    accept_change: str | None,
    wait_seconds: int | None,
) -> None:
    """Land files and check them, without building anything.

    All tables land or none: a missing or wrong required column is an error that names table,
    column, what was expected and what was found.
    """
    resources = options.warehouse_config(None, accept_change)
    config = {"ops": landing, "resources": resources}
    console = execute(_waiting(settings, wait_seconds), "land", config)
    console.print(escape(f"Landed in {settings.landing_dir}"))


@main.command()
@click.option(
    "--to",
    "target",
    type=click.Choice([POSTGRES]),
    help="Bring what is published into a PostgreSQL server, and check nothing again: its schema "
    "marts becomes the published file. The server is LIFECYCLE_POSTGRES (a URI) or libpq's PGHOST, "
    "PGDATABASE, PGUSER, PGPASSWORD, …; with LIFECYCLE_PUBLISH_TO=postgres every run does so.",
)
@options.accept_change
@options.wait
@click.pass_obj
def publish(
    settings: Settings, target: str | None, accept_change: str | None, wait_seconds: int | None
) -> None:
    """Check again what is in the warehouse, and publish it.

    Nothing is built: all tests and validations run on the tables as they are, and then the marts
    become a new version.
    """
    if target:
        if accept_change:
            raise click.UsageError("--accept-change does not go with --to: nothing is compared")
        settings, console = _waiting(settings, wait_seconds), open_console()
        with locked(settings, console):
            to_postgres(settings, console)
        return
    if not settings.warehouse_path.exists():
        raise RunFailedError(
            f"there is no warehouse at {settings.warehouse_path}; use: lifecycle run"
        )
    config = {"resources": options.warehouse_config(None, accept_change)}
    console = execute(_waiting(settings, wait_seconds), "publish", config)
    show(console, summarise(settings.published_path), settings)


@main.command(name="rollback")
@click.option("--to", "version", help="Version to go to (default: the one before the current).")
@options.wait
@click.pass_obj
def roll_back(settings: Settings, version: str | None, wait_seconds: int | None) -> None:
    """Make an earlier version of the published file current.

    Readers that have the file open keep what they have; those that open it next get the version
    gone back to, and so do the report and its lists. Versions are listed by: lifecycle status
    """
    settings = _waiting(settings, wait_seconds)
    console = open_console()
    with locked(settings, console):
        try:
            entry = rollback(settings.published_path, to=version)
        except UnknownVersionError as error:
            raise RunFailedError(str(error)) from error
        write_contracts(settings.published_path)
        render_again(settings, console)
        if settings.publish_to == POSTGRES:
            to_postgres(settings, console)
    text = f"{settings.published_path} is version {entry.version}, as of {entry.as_of_date}"
    console.print(escape(text))


@main.command()
@click.option("--port", type=int, default=3000, show_default=True, help="Port of the Dagster UI.")
@click.pass_obj
def dev(settings: Settings, port: int) -> None:
    """Start the Dagster UI, with the daemon that runs schedules and sensors."""
    from orchestration.runs.instance import ensure_dagster_home  # noqa: PLC0415

    with socket.socket() as taken:
        if taken.connect_ex(("127.0.0.1", port)) == 0:
            raise RunFailedError(f"port {port} is in use; name another: lifecycle dev --port")
    ensure_dagster_home(settings)
    settings.export()
    os.chdir(settings.project_dir)
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execv(dagster, [dagster, "dev", "--port", str(port)])


def _waiting(settings: Settings, wait_seconds: int | None) -> Settings:
    return settings if wait_seconds is None else replace(settings, lock_wait_seconds=wait_seconds)
