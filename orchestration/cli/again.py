"""What is published, told again outside a run: the report, and a PostgreSQL server."""

from __future__ import annotations

import duckdb
from rich.console import Console
from rich.markup import escape

from landing.postgres import PostgresError
from orchestration.cli.errors import RunFailedError
from orchestration.settings import NO_SERVER, Settings
from serving.postgres import publish_to_postgres


def render_again(settings: Settings, console: Console) -> bool:
    """The report and its lists are about what is published now; whether that could be done."""
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
        return False
    return True


def to_postgres(settings: Settings, console: Console) -> None:
    """Publish to the server. Raises ``RunFailedError`` where that cannot be done."""
    if not settings.postgres_named:
        raise RunFailedError(NO_SERVER)
    try:
        loaded = publish_to_postgres(
            settings.published_path,
            uri=settings.postgres_uri,
            wait_seconds=settings.lock_wait_seconds,
        )
    except PostgresError as error:
        raise RunFailedError(str(error)) from error
    console.print(escape(f"PostgreSQL: {loaded.told}"))
