"""The command ``lifecycle``: run, land, publish, roll back, look."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.alerts import SENDS_ITS_ALERT, Alert, send
from orchestration.evaluate import evaluate
from orchestration.lock import Holder, WarehouseLockedError, hold_lock, is_locked, read_holder
from orchestration.progress import LiveProgress, PlainProgress, Progress, count, step
from orchestration.settings import Settings, SettingsError, load_settings
from orchestration.summary import show, summarise
from serving.publish import (
    PublishedVersion,
    UnknownVersionError,
    history,
    rollback,
    status,
    whoami,
)

DATE = click.DateTime(formats=["%Y-%m-%d"])
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class RunFailedError(click.ClickException):
    """A run failed; the message is the one reason."""

    def show(self, file: Any = None) -> None:
        """Print the reason."""
        console = Console(file=file, stderr=file is None)
        console.print(f"[bold red]Failed:[/] {escape(self.message)}", soft_wrap=True)


class StoppedError(RunFailedError):
    """Somebody stopped the command: Ctrl-C, or a signal to end."""

    exit_code = 130

    def show(self, file: Any = None) -> None:
        """Say so."""
        Console(file=file, stderr=file is None).print(f"\n{self.message}", markup=False)


class _Commands(click.Group):
    """Commands that say in one sentence what the system refuses: a full disk, a folder not ours."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise RunFailedError(_refused(error)) from error


def _who_started() -> dict[str, str]:
    """Tags of a run in this process: its user, and that its alert is sent here."""
    return {"user": whoami(), SENDS_ITS_ALERT: "true"}


def _refused(error: OSError) -> str:
    """What the system refuses, and of which file."""
    if error.strerror is None:
        return str(error)
    return f"{error.strerror}: {error.filename}" if error.filename else error.strerror


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
    context.obj = replace(settings, home=home.expanduser().absolute()) if home else settings


def _as_of(function: Any) -> Any:
    return click.option(
        "--as-of",
        "as_of_date",
        type=DATE,
        help="Replay a past date: nothing dated on or after it is visible (default: "
        "LIFECYCLE_AS_OF_DATE, or the day after the last order that is not void).",
    )(function)


def _source(function: Any) -> Any:
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


def _wait(function: Any) -> Any:
    return click.option(
        "--wait",
        "wait_seconds",
        type=click.IntRange(min=0),
        help="Seconds to wait for another run to finish (default: LIFECYCLE_LOCK_WAIT, or 600).",
    )(function)


main.add_command(evaluate)


@main.command()
@_source
@_as_of
@click.option("--skip-landing", is_flag=True, help="Build from what has landed before.")
@_wait
@click.pass_obj
def run(
    settings: Settings,
    *,
    source_dir: Path | None,
    landed_on: datetime | None,
    force: bool,
    as_of_date: datetime | None,
    skip_landing: bool,
    wait_seconds: int | None,
) -> None:
    """Land, build, score, validate, publish, report.

    Runs the Dagster job refresh in this process, recorded like any other run. The published file
    changes only if every blocking check has passed.
    """
    if skip_landing and (source_dir or landed_on or force):
        raise click.UsageError("--skip-landing does not go with --from, --landed-on or --force")
    job = "build" if skip_landing else "refresh"
    ops = {} if skip_landing else _landing_config(source_dir, landed_on, force)
    resources = _warehouse_config(as_of_date)
    console = _execute(_waiting(settings, wait_seconds), job, {"ops": ops, "resources": resources})
    show(console, summarise(settings.published_path), settings)


@main.command()
@_source
@_wait
@click.pass_obj
def land(
    settings: Settings,
    *,
    source_dir: Path | None,
    landed_on: datetime | None,
    force: bool,
    wait_seconds: int | None,
) -> None:
    """Land files and check them, without building anything.

    All tables land or none: a missing or wrong required column is an error that names table,
    column, what was expected and what was found.
    """
    ops = _landing_config(source_dir, landed_on, force)
    console = _execute(_waiting(settings, wait_seconds), "land", {"ops": ops})
    console.print(escape(f"Landed in {settings.landing_dir}"))


@main.command()
@_wait
@click.pass_obj
def publish(settings: Settings, wait_seconds: int | None) -> None:
    """Check again what is in the warehouse, and publish it.

    Nothing is built: all tests and validations run on the tables as they are, and then the marts
    become a new version.
    """
    if not settings.warehouse_path.exists():
        raise RunFailedError(
            f"there is no warehouse at {settings.warehouse_path}; use: lifecycle run"
        )
    console = _execute(_waiting(settings, wait_seconds), "publish", {})
    show(console, summarise(settings.published_path), settings)


@main.command(name="rollback")
@click.option("--to", "version", help="Version to go to (default: the one before the current).")
@_wait
@click.pass_obj
def roll_back(settings: Settings, version: str | None, wait_seconds: int | None) -> None:
    """Make an earlier version of the published file current.

    Readers that have the file open keep what they have; those that open it next get the version
    gone back to, and so do the report and its lists. Versions are listed by: lifecycle status
    """
    settings = _waiting(settings, wait_seconds)
    console = _console()
    with _locked(settings, console):
        try:
            entry = rollback(settings.published_path, to=version)
        except UnknownVersionError as error:
            raise RunFailedError(str(error)) from error
        _render_again(settings, console)
    text = f"{settings.published_path} is version {entry.version}, as of {entry.as_of_date}"
    console.print(escape(text))


def _render_again(settings: Settings, console: Console) -> None:
    """The report and its lists are about what is published now."""
    from serving.report import render_report  # noqa: PLC0415

    try:
        render_report(
            settings.published_path,
            settings.report_path,
            title=settings.report_title,
            languages=settings.report_languages,
        )
    except duckdb.Error as error:
        console.print(
            f"[yellow]The report is of another version[/]: {escape(str(error).splitlines()[0])}"
        )


@main.command(name="status")
@click.option("--history", "with_history", is_flag=True, help="Also what happened, newest last.")
@click.pass_obj
def show_status(settings: Settings, with_history: bool) -> None:
    """What has landed, what is published, which versions are kept, and whether something runs."""
    console = _console()
    about = Table.grid(padding=(0, 2))
    about.add_column(style="bold", no_wrap=True)
    about.add_column(overflow="fold")
    about.add_row("Home", escape(str(settings.home)))
    about.add_row("Writing now", escape(_writing(settings)))
    about.add_row(
        "Kept", f"{count(settings.keep_runs, 'run')}, {count(settings.keep_versions, 'version')}"
    )
    about.add_row("Landed", escape(_landed(settings)))
    published = status(settings.published_path)
    path = escape(str(settings.published_path))
    if not published.published:
        about.add_row("Published", "nothing yet; use: lifecycle run")
    elif published.write_ahead_path:
        about.add_row(
            "Published",
            f"{path} [yellow]is not what readers see[/]: a tool "
            f"opened it for writing and left {escape(published.write_ahead_path.name)}, which "
            "DuckDB replays. Publish, or go to a version: lifecycle rollback --to VERSION",
        )
    elif published.current is None:
        about.add_row("Published", f"{path} [yellow]equals no kept version[/]")
    else:
        about.add_row("Published", path)
    for name, page in (
        ("Report", settings.report_path),
        ("Data Docs", settings.data_docs_dir / "index.html"),
    ):
        about.add_row(name, escape(str(page)) if page.exists() else "nothing yet")
    console.print(about)
    if published.versions:
        console.print()
        console.print(_versions_table(published.versions, published.current))
    if with_history:
        for event in history(settings.published_path):
            before = f" from {event['from_version']}" if "from_version" in event else ""
            console.print(
                f"{event['at']}  {event['event']} {event['version']}{before}  {event['by']}"
            )


@main.command()
@click.option("--port", type=int, default=3000, show_default=True, help="Port of the Dagster UI.")
@click.pass_obj
def dev(settings: Settings, port: int) -> None:
    """Start the Dagster UI, with the daemon that runs schedules and sensors."""
    from orchestration.instance import ensure_dagster_home  # noqa: PLC0415

    with socket.socket() as taken:
        if taken.connect_ex(("127.0.0.1", port)) == 0:
            raise RunFailedError(f"port {port} is in use; name another: lifecycle dev --port")
    ensure_dagster_home(settings)
    settings.export()
    os.chdir(settings.project_dir)
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execv(dagster, [dagster, "dev", "--port", str(port)])


def _console() -> Console:
    """Standard output; a file or a pipe has no width at which to break lines."""
    console = Console()
    return console if console.is_terminal else Console(width=200)


def _landing_config(
    source_dir: Path | None, landed_on: datetime | None, force: bool
) -> dict[str, Any]:
    config: dict[str, Any] = {"force": force}
    if source_dir:
        config["source_dir"] = str(source_dir.absolute())
    if landed_on:
        config["landed_on"] = landed_on.date().isoformat()
    return {"land_tables": {"config": config}}


def _warehouse_config(as_of_date: datetime | None) -> dict[str, Any]:
    if as_of_date is None:
        return {}
    return {"warehouse": {"config": {"as_of_date": as_of_date.date().isoformat()}}}


def _waiting(settings: Settings, wait_seconds: int | None) -> Settings:
    return settings if wait_seconds is None else replace(settings, lock_wait_seconds=wait_seconds)


@contextlib.contextmanager
def _locked(settings: Settings, console: Console) -> Iterator[None]:
    def say_who(holder: Holder | None) -> None:
        if settings.lock_wait_seconds:
            console.print(
                f"Waiting up to {settings.lock_wait_seconds} s for "
                + escape(str(holder or "another process"))
            )

    try:
        with hold_lock(
            settings.lock_path, wait_seconds=settings.lock_wait_seconds, on_wait=say_who
        ):
            yield
    except WarehouseLockedError as error:
        raise RunFailedError(str(error)) from error


def _execute(settings: Settings, job_name: str, run_config: dict[str, Any]) -> Console:
    """Run a job with a line for each step; raises ``RunFailedError`` with the one reason."""
    console = _console()
    settings.export()
    log_path = settings.dagster_home / "logs" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{job_name}.log"
    started = time.monotonic()
    with _locked(settings, console), _output_to(log_path) as terminal:
        progress = LiveProgress(terminal) if terminal.is_terminal else PlainProgress(terminal)
        with progress.shown():
            try:
                reason = _execute_job(settings, job_name, run_config, progress)
            except KeyboardInterrupt:
                raise StoppedError(f"Stopped. Full log: {log_path}") from None
            except Exception as error:
                traceback.print_exc()
                reason = _refused(error) if isinstance(error, OSError) else str(error)
    if reason is not None:
        for problem in send(Alert(job_name, reason), **settings.alerts):
            console.print(f"Nobody was told: {problem}", markup=False)
        from orchestration.outcome import BLOCKED  # noqa: PLC0415 (Dagster takes seconds)

        docs = settings.data_docs_dir / "index.html"
        found = f"Data Docs: {docs}\n" if reason.startswith(BLOCKED) else ""
        raise RunFailedError(f"{reason}\n{found}Full log: {log_path}")
    console.print(escape(f"\nDone in {time.monotonic() - started:.1f} s. Full log: {log_path}"))
    return console


def _execute_job(
    settings: Settings, job_name: str, run_config: dict[str, Any], progress: Progress
) -> str | None:
    """Run the job on the persistent instance; the reason if it failed."""
    with step(progress, "load project"):
        # Dagster and dbt take seconds to import: not for --help or status.
        from orchestration import dbt_project, outcome  # noqa: PLC0415
        from orchestration.instance import (  # noqa: PLC0415
            give_runs_their_place,
            open_instance,
        )

        dbt_project.parse(settings)
        from orchestration.definitions import defs  # noqa: PLC0415

        job = defs.resolve_job_def(job_name)
    with open_instance(settings) as instance:
        give_runs_their_place(instance, job_name)
        result = job.execute_in_process(
            run_config=run_config,
            instance=instance,
            raise_on_error=False,
            tags=_who_started(),
            resources={**(defs.resources or {}), "progress": progress},
        )
    if outcome.was_stopped(result):
        raise KeyboardInterrupt
    return outcome.failure_reason(result, job)


@contextlib.contextmanager
def _output_to(log_path: Path) -> Iterator[Console]:
    """Send what this process and its children write to a file; yields the terminal as it was.

    Dagster and dbt log to standard output and error, the same whoever launches a run.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    width = _console().width
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = os.dup(1), os.dup(2)
    with (
        log_path.open("a", encoding="utf-8") as log,
        open(os.dup(1), "w", encoding="utf-8") as terminal,  # noqa: PTH123 (a file descriptor)
    ):
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield Console(file=terminal, width=width)
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)


def _writing(settings: Settings) -> str:
    if not is_locked(settings.lock_path):
        return "nothing"
    return str(read_holder(settings.lock_path) or "another process")


def _landed(settings: Settings) -> str:
    manifest = settings.landing_dir / "manifest.parquet"
    if not manifest.exists():
        return "nothing yet"
    with duckdb.connect() as connection:
        tables, rows, landed_on, sources = connection.execute(
            "select count(*), sum(row_count), max(landed_on), "
            "string_agg(distinct source, ', ') filter (where source != 'none') "
            "from read_parquet(?, hive_partitioning = false)",
            [str(manifest)],
        ).fetchall()[0]
    return f"{count(tables, 'table')}, {count(rows, 'row')}, on {landed_on}, from {sources}"


def _versions_table(
    versions: tuple[PublishedVersion, ...], current: PublishedVersion | None
) -> Table:
    table = Table(
        "Version", "As of", "Marts", "Rows", "Checks", "Code", "", box=None, padding=(0, 2)
    )
    for entry in versions:
        warned = f", {entry.checks_warned:,} warned" if entry.checks_warned else ""
        table.add_row(
            entry.version,
            str(entry.as_of_date),
            f"{len(entry.row_counts):,}",
            f"{entry.row_count:,}",
            f"{entry.checks_passed:,} passed{warned}",
            entry.code_revision,
            "[green]current" if entry == current else "",
        )
    return table
