"""Marts against the version that people read: rows, and totals of what is an amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import great_expectations as gx

from expectations.change import Limits, Moved, may_move
from expectations.suites import Measures
from expectations.validate import TableValidation, validate_tables
from landing.engine import connect

SCHEMA = "marts"
NOT_COMPARED = frozenset(
    {
        # An older order makes it longer, whatever else there is.
        "dim_dates",
        # A column of customers that is filled for the first time makes it longer.
        "customer_base_profile",
        # Twelve months with twelve before them come as a whole, once; and tie to orders.
        "category_gain_loss",
        "like_for_like",
        "movement_periods",
        "revenue_tree",
    }
)
BEGIN_ANEW = frozenset({"loyalty_tiers"})
"""Amounts of a window that is replaced by an empty one, as on the first of January: rows count."""
_LARGEST_SHARE = 0.01
"""A total that is less than this of the mart's largest one is judged against so much of that."""


@dataclass(frozen=True)
class Published:
    """A version that was published, in a file of its own."""

    version: str
    as_of_date: date
    path: Path


def validate_mart_changes(
    warehouse_path: Path,
    before: Published,
    as_of_date: date,
    columns: Mapping[str, Sequence[str]],
    limits: Limits,
) -> list[TableValidation]:
    """Compare every mart that the version has as well; ``columns`` are those of the marts now."""
    was, first_day = _figures(before.path, columns)
    now, _ = _figures(warehouse_path, {mart: columns[mart] for mart in was})
    moved = Moved(
        f"as in version {before.version} (as of {before.as_of_date})",
        before.as_of_date,
        as_of_date,
        first_day,
    )
    return validate_tables(warehouse_path, change_suites(was, now, moved, limits))


@dataclass(frozen=True)
class Figures:
    """Rows of a mart, and by column the total and the sum of the amounts without their sign."""

    rows: int
    totals: Mapping[str, tuple[float, float]]


def change_suites(
    before: Mapping[str, Figures], now: Mapping[str, Figures], moved: Moved, limits: Limits
) -> list[gx.ExpectationSuite]:
    """A suite for every mart that had enough rows, on what there was and still is."""
    suites = []
    for mart, was in sorted(before.items()):
        if mart in NOT_COMPARED or was.rows < limits.least_rows or mart not in now:
            continue
        relation, is_now = f"{SCHEMA}.{mart}", now[mart]
        measures = Measures(relation, name=f"{relation} against the version before")
        may_move(
            measures,
            "rows",
            "count(*)",
            called="number of rows",
            before=was.rows,
            now=is_now.rows,
            moved=moved,
            limits=limits,
        )
        largest = max((size for _, size in was.totals.values()), default=0.0)
        for column, (total, size) in was.totals.items():
            if size and column in is_now.totals and mart not in BEGIN_ANEW:
                may_move(
                    measures,
                    f"total of {column}",
                    f'cast(coalesce(sum("{column}"), 0) as double)',
                    called="total",
                    before=total,
                    now=is_now.totals[column][0],
                    moved=moved,
                    limits=limits,
                    scale=max(size, _LARGEST_SHARE * largest),
                    column=column,
                )
        suites.append(measures.suite())
    return suites


def _figures(
    path: Path, columns: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Figures], date | None]:
    """What a file holds of these marts and their amounts, and the day of its first order."""
    found = {}
    with connect() as connection:
        target = str(path).replace("'", "''")
        connection.execute(f"attach '{target}' as compared (read_only)")
        connection.execute("use compared")
        amounts: dict[str, list[str]] = {}
        for mart, column, data_type in connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where database_name = 'compared' and schema_name = ? "
            "order by table_name, column_index",
            [SCHEMA],
        ).fetchall():
            if mart in columns:
                of_mart = amounts.setdefault(mart, [])
                if column in columns[mart] and data_type.startswith("DECIMAL"):
                    of_mart.append(column)
        for mart, names in amounts.items():
            sums = "".join(
                f', cast(coalesce(sum("{name}"), 0) as double)'
                f', cast(coalesce(sum(abs("{name}")), 0) as double)'
                for name in names
            )
            ((rows, *totals),) = connection.execute(
                f'select count(*){sums} from {SCHEMA}."{mart}"'
            ).fetchall()
            pairs = zip(totals[::2], totals[1::2], strict=True)
            found[mart] = Figures(rows, dict(zip(names, pairs, strict=True)))
        first_day = None
        if "fct_orders" in amounts:
            ((first_day,),) = connection.execute(
                f"select cast(min(order_date) as date) from {SCHEMA}.fct_orders"
            ).fetchall()
    return found, first_day
