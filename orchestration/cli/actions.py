"""The commands ``lifecycle actions``: what there is to do, and lists for those who do it."""

from __future__ import annotations

import click
from rich.markup import escape
from rich.table import Table

from orchestration.cli.errors import RunFailedError
from orchestration.cli.execute import locked
from orchestration.cli.terminal import open_console
from orchestration.settings import Settings
from serving.actions import UnknownActionError, export, offers, open_published


@click.group(name="actions")
def actions() -> None:
    """What to do about customers next: look, and export lists for campaign tools."""


@actions.command(name="list")
@click.pass_obj
def list_actions(settings: Settings) -> None:
    """How many customers each action is for, and how many are kept back."""
    console = open_console()
    try:
        with open_published(settings.published_path) as connection:
            found = offers(connection)
    except UnknownActionError as error:
        raise RunFailedError(str(error)) from error
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("action")
    for name in ("eligible", "kept back by rules", "held back by lot", "to be done", "adds net"):
        table.add_column(name, justify="right")
    table.add_column("most kept back by")
    for offer in found:
        adds = "untested" if offer.expected_net is None else f"{offer.expected_net:,.2f}"
        adds = adds if offer.to_be_done else "–"
        counts = (offer.eligible, offer.suppressed, offer.held_back, offer.to_be_done)
        table.add_row(
            escape(offer.action),
            *(f"{number:,}" for number in counts),
            adds,
            escape(offer.reason or ""),
        )
    console.print(table if found else "Nobody is eligible for anything.")


@actions.command(name="export")
@click.argument("action")
@click.option(
    "--at-most",
    type=click.IntRange(min=1),
    metavar="N",
    help="So many, of whom most is expected. A list that was made stays as it is.",
)
@click.pass_obj
def export_action(settings: Settings, action: str, at_most: int | None) -> None:
    """Write the list of customers for ACTION as a CSV file, and keep that it was.

    On it are those whose next action it is and whom no rule, no holdout and no lot keeps back. Made
    again from the same version it is the same file, and nothing more is kept. What became of each
    decision comes back as landing table action_log, by its decision_id.
    """
    # Great Expectations takes seconds to import: not for --help.
    from orchestration.runs.state import EXPORTS, write_state  # noqa: PLC0415

    console = open_console()
    with locked(settings, console):
        try:
            with open_published(settings.published_path) as connection:
                kept = EXPORTS.path(settings.state_dir)
                made, path = export(connection, action, kept, settings.exports_dir, at_most)
                if made.is_new:
                    write_state(connection, made.kept_query, kept)
        except UnknownActionError as error:
            raise RunFailedError(str(error)) from error
    again = "" if made.is_new or not made.listed else "; the same list as before"
    held_back = f"{made.held_back:,} held back by lot"
    console.print(escape(f"{path}: {made.listed:,} customers, {held_back}{again}"))
    if not made.listed:
        console.print("Why nobody is on it: lifecycle actions list")
