"""The command ``lifecycle evaluate``: the back-test of any transaction log, without a warehouse."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from landing.log import Log, read_log

HEADLINES = {
    "purchases": ("mae", "normalised_gini", "bias"),
    "spend": ("mae", "normalised_gini", "bias"),
    "churn": ("auc", "brier", "calibration_error"),
}


@click.command()
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--cut",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    required=True,
    help="Last day that the candidates see.",
)
@click.option(
    "--horizon", type=click.IntRange(min=1), required=True, help="Days after the cut to judge on."
)
@click.option(
    "--unit",
    type=click.Choice(["days", "weeks"]),
    default="days",
    show_default=True,
    help="Time unit of the purchase models' parameters.",
)
@click.option(
    "--seasonal-index",
    type=click.FloatRange(min=0, min_open=True),
    help="Purchases in the window over those of an average one, where you know it (default: what "
    "the log says of the window a year before).",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every figure to this file.",
)
@click.option(
    "--predictions",
    "predictions_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the champions' predictions per customer to this Parquet file.",
)
def evaluate(  # noqa: PLR0917 (click passes them by name)
    log: Path,
    cut: datetime,
    horizon: int,
    unit: str,
    seasonal_index: float | None,
    json_path: Path | None,
    predictions_path: Path | None,
) -> None:
    """Back-test the scores on any transaction log.

    LOG is a CSV or Parquet file with customer_id, date and, if there are any, amount, read by the
    rules of the landing (docs/data-contract.md). A day with a purchase is one purchase; a negative
    amount takes back what was bought before it. Candidates learn, and the champion is chosen, from
    what is known up to the cut; the days after it only judge.
    """
    # The learners take seconds to import: not for --help.
    from scoring.customers import evaluation  # noqa: PLC0415

    try:
        read = read_log(log)
        found = evaluation.evaluate(
            read.rows, cut.date(), horizon, unit=unit, seasonal_index=seasonal_index
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    found.summary["log"] = _counts(read)
    found.summary["warnings"] += [*read.warnings, *([str(read.alike)] if read.alike else [])]
    if json_path:
        json_path.write_text(found.to_json() + "\n", encoding="utf-8")
    if predictions_path:
        found.predictions.to_parquet(predictions_path, index=False)
    show(Console(), found.summary)


def _counts(log: Log) -> dict[str, Any]:
    """What the log holds, and the rows of it that are no purchases."""
    return {
        "rows": log.rows_read,
        "amount": log.amount,
        "without_customer": log.without_customer,
        "without_customer_amount": log.without_customer_amount,
        "without_date": log.without_date,
        "zero_amount": log.zero_amount,
        "negative_amount": log.negative_amount,
        "identifiers_alike": log.alike.count if log.alike else 0,
        "left_out": log.left_out(),
    }


def show(console: Console, summary: dict[str, Any]) -> None:
    """The headline metrics of every candidate, the champion of each task marked."""
    console.print(
        f"{summary['customers']:,} customers up to {summary['cut']}, judged on the "
        f"{summary['horizon_days']:,} days after"
    )
    left_out = summary["log"]["left_out"]
    text = "; ".join(left_out) if left_out else "none"
    console.print(f"Of {summary['log']['rows']:,} rows of the log, left out: {text}")
    for warning in summary["warnings"]:
        console.print(f"[yellow]Warning:[/] {escape(warning)}")
    for task, metrics in HEADLINES.items():
        judged = summary["tasks"][task]
        if judged["champion"] is None:
            console.print(f"\n[bold]{task}[/]: {judged['reason']}")
            continue
        table = Table(task, *metrics, "", box=None, padding=(0, 2))
        for name, slices in judged["candidates"].items():
            values = [slices["all"][metric]["value"] for metric in metrics]
            table.add_row(
                name,
                *("-" if value is None else f"{value:,.4f}" for value in values),
                "[green]champion" if name == judged["champion"] else "",
            )
        console.print()
        console.print(table)
        console.print(f"champion: {judged['reason']}", style="dim")
