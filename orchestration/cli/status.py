"""The command ``lifecycle status``."""

from __future__ import annotations

import click
from rich.markup import escape
from rich.table import Table

from landing.engine import connect
from orchestration.cli.terminal import open_console
from orchestration.runs.lock import is_locked, read_holder
from orchestration.runs.progress import count
from orchestration.settings import Settings
from serving.publish import PublishedVersion, history, status


@click.command(name="status")
@click.option("--history", "with_history", is_flag=True, help="Also what happened, newest last.")
@click.pass_obj
def show_status(settings: Settings, with_history: bool) -> None:
    """What has landed, what is published, which versions are kept, and whether something runs."""
    console = open_console()
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


def _writing(settings: Settings) -> str:
    if not is_locked(settings.lock_path):
        return "nothing"
    return str(read_holder(settings.lock_path) or "another process")


def _landed(settings: Settings) -> str:
    manifest = settings.landing_dir / "manifest.parquet"
    if not manifest.exists():
        return "nothing yet"
    with connect() as connection:
        tables, rows, landed_on, sources = connection.execute(
            "select count(distinct table_name), sum(row_count), max(landed_on), "
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
