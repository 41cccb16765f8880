"""The command ``lifecycle boards``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from boards import find_browser, load, render_boards
from orchestration.cli.errors import RunFailedError
from orchestration.cli.terminal import open_console
from orchestration.settings import Settings


@click.command(name="boards")
@click.option("--pages-only", is_flag=True, help="Without PNG and PDF, which take a browser.")
@click.option(
    "--from",
    "database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another version than the one published (default: the published file).",
)
@click.pass_obj
def boards(settings: Settings, *, pages_only: bool, database: Path | None) -> None:
    """Render the boards from the published file: HTML, PNG and PDF, in English and in Chinese.

    Pages need no network and no script. Pictures are drawn by Chromium or Chrome, found on the PATH
    or named by LIFECYCLE_BROWSER; without one the pages are written all the same.
    """
    # Dagster takes seconds to import: not for --help.
    from orchestration.runs.resources import dbt_variables  # noqa: PLC0415

    database = database or settings.published_path
    if not database.exists():
        raise RunFailedError(f"nothing is published at {database}; use: lifecycle run")
    browser = None if pages_only else find_browser(settings.browser)
    rendered = render_boards(
        database,
        settings.boards_dir,
        least=int(str(dbt_variables(settings)["profile_min_customers"])),
        browser=browser,
        languages=settings.report_languages,
    )
    console = open_console()
    console.print(
        f"{len(load())} boards, {rendered.pages} pages, {rendered.pictures} as PNG and PDF"
    )
    if not rendered.pictures and not pages_only:
        looked = f"LIFECYCLE_BROWSER is {settings.browser}: " if settings.browser else ""
        reason = rendered.reason or f"{looked}neither Chromium nor Chrome was found"
        console.print(
            f"[yellow]No PNG and no PDF[/]: {escape(reason)}. Install one (Debian: apt install "
            "chromium fonts-noto-cjk) or name it: LIFECYCLE_BROWSER=/path/to/chromium"
        )
    console.print(escape(str(rendered.index)))
