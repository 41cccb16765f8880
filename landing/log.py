"""Reads a transaction log by the rules of landing: as text, then typed, and everything counted."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from landing.alike import Alike, alike
from landing.contract import Column, Table
from landing.engine import connect
from landing.odd import floats, odd_texts
from landing.problems import Problem
from landing.reading import read_table

LOG = Table(
    system="transaction",
    name="log",
    meaning="A transaction log. One row per purchase, reversal or item.",
    key=(),
    columns=(
        Column("customer_id", "text", "Customer; empty where unknown.", required=True),
        Column("date", "timestamp", "When, in local time: its day counts.", required=True),
        Column("amount", "number", "Amount; negative for a reversal."),
    ),
    version_column=None,
)


@dataclass(frozen=True)
class Log:
    """A log as it was read, and what of it does not count.

    ``rows``: ``customer_id`` (text), ``date`` (a day) and, if the file has it, ``amount``; only
    those with a customer and a date. ``amount`` fields are None where the file has no amounts.
    """

    rows: pd.DataFrame
    rows_read: int
    without_customer: int
    without_customer_amount: float | None
    without_date: int
    zero_amount: int
    negative_amount: int
    amount: float | None
    alike: Alike | None
    warnings: tuple[str, ...]

    def left_out(self) -> list[str]:
        """In words, the rows that are no purchases, each with its share."""
        found = []
        if self.without_customer:
            text = f"{self._share(self.without_customer)} without a customer"
            if self.without_customer_amount is not None and self.amount:
                share = self.without_customer_amount / self.amount
                text += f", with {self.without_customer_amount:,.2f} of the amounts ({share:.1%})"
            found.append(text)
        if self.without_date:
            found.append(f"{self._share(self.without_date)} without a date")
        if self.zero_amount:
            found.append(f"{self._share(self.zero_amount)} with an amount of zero")
        if self.negative_amount:
            found.append(
                f"{self._share(self.negative_amount)} with a negative amount, which take back "
                "purchases of the same amount"
            )
        return found

    def _share(self, rows: int) -> str:
        noun = "row" if rows == 1 else "rows"
        return f"{rows:,} {noun} ({rows / self.rows_read:.1%})"


def read_log(path: Path) -> Log:
    """The rows of a CSV or Parquet file with customer_id, date and optionally amount.

    Raises ``ValueError`` naming the file and every reason why it cannot be read.
    """
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as scratch, connect() as connection:
        reading = read_table(connection, LOG, [path], problems, scratch=Path(scratch))
        if problems or reading is None:
            reasons = "".join(f"\n- {problem}" for problem in problems)
            raise ValueError(f"{path} cannot be read:{reasons}")
        whole = floats([reading])

        def is_whole_float(column: Column) -> bool:
            return LOG.identity(column) in whole

        (file,) = reading.files
        connection.execute(f"create temp table log as {file.select(is_whole_float)}")
        has_amount = any(field.column.name == "amount" for field in file.fields)
        if not has_amount:
            connection.execute("alter table log add column amount double")
        counts = connection.execute(
            """
            select
                count(*) as rows_read,
                count(*) - count(customer_id) as without_customer,
                sum(amount) filter (where customer_id is null) as without_customer_amount,
                count(*) - count(date) as without_date,
                count(*) filter (where amount = 0) as zero_amount,
                count(*) filter (where amount < 0) as negative_amount,
                sum(amount) as amount
            from log
            """
        )
        names = [name for name, *_ in counts.description or ()]
        counted: dict[str, Any] = dict(zip(names, counts.fetchall()[0], strict=True))
        columns = "customer_id, cast(date as date) as date" + (", amount" if has_amount else "")
        rows = connection.execute(
            f"select {columns} from log where customer_id is not null and date is not null"
        ).df()
        found = alike(connection, ["select customer_id as identifier from log"])
    return Log(rows, **counted, alike=found, warnings=odd_texts(reading, is_whole_float))
