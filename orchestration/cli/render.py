"""The report of what is published, rendered outside a run."""

from __future__ import annotations

import duckdb
from rich.console import Console
from rich.markup import escape

from orchestration.settings import Settings


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
