"""A published file with rows of every mart that a board reads, drawn by lot from the contracts.

The numbers mean nothing: what is tested is that a board shows the metric's, whatever they are.
"""

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from boards import Board, Panel, load
from boards.board import known_metrics
from metrics.marts import Mart, load_marts

AS_OF = date(2024, 3, 4)
FIRST_DAY = AS_OF - timedelta(days=500)
CUSTOMERS = [f"person-{number}@example.com" for number in range(60)]
ROWS = 400
# Among others: what a board says of it has to be escaped.
NAMES = ["Shop & web", "<b>app</b>", "ring"]


def panels(boards: tuple[Board, ...] | None = None) -> Iterator[tuple[Board, Panel]]:
    for board in boards or load():
        for panel in board.panels:
            yield board, panel


def marts_read() -> list[str]:
    read = {mart for _, panel in panels() for mart in panel.marts}
    counted = {
        known_metrics()[name].mart
        for _, panel in panels()
        for name in panel.counts
        if panel.metrics
    }
    return sorted(name for name in read | counted if name in load_marts())


def _wanted() -> dict[str, list[Any]]:
    """Values that a condition of a metric or a panel asks for, by column."""
    found: dict[str, list[Any]] = {"tier_recorded": ["gold"], "period_grain": ["month", "week"]}
    for metric in known_metrics().values():
        for column, values in re.findall(r"(\w+) (?:=|<>|in) (\([^)]*\)|'[^']*')", metric.where):
            found.setdefault(column, []).extend(re.findall("'([^']*)'", values))
    for _, panel in panels():
        for column, value in (panel.where or {}).items():
            found.setdefault(column, []).extend(value if isinstance(value, list) else [value])
    return found


def _rows(mart: Mart, lot: random.Random, rows: int) -> list[dict[str, Any]]:
    months = [date(2022, 11, 1) + timedelta(days=31 * number) for number in range(17)]
    days = [FIRST_DAY + timedelta(days=number) for number in range((AS_OF - FIRST_DAY).days)]
    wanted = _wanted()
    monthly = re.compile(r"month|period_start")

    def one(name: str, kind: str) -> Any:  # noqa: PLR0911
        if name == "as_of_date":
            return AS_OF
        if name == "customer_id":
            return lot.choice(CUSTOMERS)
        if name in wanted and kind in ("varchar", "bigint"):
            return lot.choice([*wanted[name], *wanted[name], "other" if kind == "varchar" else 1])
        if kind == "boolean":
            return lot.random() < 0.7
        if kind == "date":
            return lot.choice(months).replace(day=1) if monthly.search(name) else lot.choice(days)
        if lot.random() < 0.1:
            return None
        if kind == "varchar":
            return lot.choice(NAMES)
        if kind.startswith("timestamp"):
            return datetime(2024, 1, 1)
        number = lot.uniform(-3, 90)
        return int(max(number, 0)) if kind == "bigint" else round(number, 2)

    return [{name: one(name, kind) for name, kind in mart.columns.items()} for _ in range(rows)]


def _dates() -> str:
    return f"""
        insert into marts.dim_dates by name
        select
            cast(day as date) as date_day,
            cast(date_trunc('week', day) as date) as week_start_date,
            cast(date_trunc('month', day) as date) as month_start_date,
            cast(date_trunc('quarter', day) as date) as quarter_start_date,
            cast(date_trunc('year', day) as date) as year_start_date,
            day >= date '{FIRST_DAY}' and day < date '{AS_OF}' as is_observed
        from range(date '2022-01-01', date '2025-01-01', interval 1 day) as days (day)
    """


def publish(path: Path, *, rows: int = ROWS, without: tuple[str, ...] = ()) -> Path:
    """A file with every mart of the contracts, but for those ``without``."""
    lot = random.Random(7)
    with duckdb.connect(path) as connection:
        connection.execute("create schema marts")
        for name, mart in load_marts().items():
            if name in without:
                continue
            columns = ", ".join(f'"{column}" {kind}' for column, kind in mart.columns.items())
            connection.execute(f"create table marts.{name} ({columns})")
        connection.execute(_dates())
        for name in marts_read() if rows else ():
            if name not in without:
                # Of a week there are enough customers to be told of.
                number = rows * (12 if name in ("fct_orders", "customer_360") else 1)
                drawn = pd.DataFrame(_rows(load_marts()[name], lot, number), dtype=object)
                connection.register("drawn", drawn)
                connection.execute(f"insert into marts.{name} by name select * from drawn")
        connection.execute("checkpoint")
    return path
