"""The command ``lifecycle attribute``: attribution of any paths, without a warehouse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from landing.engine import connect
from landing.paths import PathFile, read_paths

if TYPE_CHECKING:
    from scoring.attribution.paths import Paths

DIGITS = 9
"""Decimals of what is written, so that no order of rows moves them."""


@click.command()
@click.argument("paths", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--order",
    type=click.IntRange(1, 4),
    default=1,
    show_default=True,
    help="How many touches the Markov chain remembers.",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every figure to this file, transitions included.",
)
def attribute(paths: Path, order: int, json_path: Path | None) -> None:
    """Share conversions out among the channels of any paths.

    PATHS is a CSV or Parquet file with path (a > b > c), conversions and, if there are any, value
    and nulls (journeys like this that did not convert). Rules, Shapley values and removal effects
    of a Markov chain, all exact (docs/attribution.md).
    """
    # Takes a second to import: not for --help.
    from scoring.attribution.paths import (  # noqa: PLC0415
        channel_names,
        count_paths,
        number_channels,
    )

    try:
        with connect() as connection:
            file = read_paths(connection, paths)
            number_channels(connection, "split", "numbered")
            counted = count_paths(connection, "numbered", channel_names(connection), order)
        found = summary(file, counted, order)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if json_path:
        json_path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    show(Console(), found)


def summary(file: PathFile, paths: Paths, order: int) -> dict[str, Any]:
    """Every figure, by name."""
    from scoring.attribution.paths import markov, rules, shapley_subset  # noqa: PLC0415

    chain = markov(paths, order)
    name = f"markov_{order}"
    credits_of = {**rules(paths), "shapley_subset": shapley_subset(paths), name: chain.credit}
    warnings = list(file.warnings)
    if not paths.nulls:
        warnings.append(
            "every journey converts: a removal effect is then the share of conversions whose "
            "journey met the channel, and says nothing of what it brings"
        )
    matrix = chain.transitions.tocoo()
    return {
        "paths": file.rows,
        "conversions": int(paths.conversions),
        "nulls": int(paths.nulls),
        "value": _rounded(paths.value) if file.has_value else None,
        "conversion_rate": _rounded(paths.conversions / (paths.conversions + paths.nulls)),
        "order": order,
        "removal_strategy": chain.removal_strategy,
        "warnings": warnings,
        "channels": {
            channel: {
                "removal_effect": _rounded(chain.removal_effects[place]),
                "share": _rounded(chain.shares[place]),
                "conversions": {
                    model: _rounded(credit.conversions[place])
                    for model, credit in credits_of.items()
                },
                "value": {
                    model: _rounded(credit.value[place]) for model, credit in credits_of.items()
                }
                if file.has_value
                else None,
            }
            for place, channel in enumerate(paths.channels)
        },
        "transitions": [
            {"from": chain.states[i], "to": chain.states[j], "probability": _rounded(value)}
            for i, j, value in zip(matrix.row, matrix.col, matrix.data, strict=True)
        ],
    }


def show(console: Console, found: dict[str, Any]) -> None:
    """Conversions by every model, the largest share first."""
    console.print(
        f"{found['paths']:,} paths, {found['conversions']:,} conversions, {found['nulls']:,} "
        f"without one ({found['conversion_rate']:.2%} convert)"
    )
    for warning in found["warnings"]:
        console.print(f"[yellow]Warning:[/] {escape(warning)}")
    channels = found["channels"]
    models = list(next(iter(channels.values()))["conversions"])
    headings = [model.replace("_", "\n") for model in models]
    table = Table("channel", "removal\neffect", "share", *headings, box=None, padding=(0, 1))
    for name, figures in sorted(channels.items(), key=lambda item: -item[1]["share"]):
        table.add_row(
            escape(name),
            f"{figures['removal_effect']:.4f}",
            f"{figures['share']:.4f}",
            *(f"{figures['conversions'][model]:,.1f}" for model in models),
        )
    console.print()
    console.print(table)
    console.print(
        f"conversions by model; a removed channel's transitions go to null "
        f"({found['removal_strategy']}), order {found['order']}",
        style="dim",
    )


def _rounded(value: float) -> float:
    return round(float(value), DIGITS)
