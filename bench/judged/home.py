"""A home in which a made-up retailer was run, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd

Figures = Iterator[tuple[str, str, float]]
"""Name, bar (or nothing) and value of each figure."""


class Judged:
    """A home: its published marts, its truth and its landing."""

    def __init__(self, home: Path) -> None:
        self.home = home
        published = home / "published" / "customer_lifecycle.duckdb"
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{published}' as published (read_only)")
        self.connection.execute("use published.marts")
        (self.as_of,) = self.rows("select max(as_of_date) from customer_value")[0]
        (last,) = self.rows(f"select max(ordered_at)::date from {self.landed('pos', 'orders')}")[0]
        self.is_at_the_end = self.as_of > last

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """All rows of a query."""
        return self.connection.execute(query).fetchall()

    def frame(self, query: str) -> pd.DataFrame:
        """The rows of a query as a frame."""
        return self.connection.execute(query).df()

    def truth(self, name: str) -> str:
        """SQL for a table of the truth."""
        return f"read_parquet('{self.home}/truth/{name}.parquet')"

    def landed(self, system: str, table: str) -> str:
        """SQL for a landed table."""
        return f"read_parquet('{self.home}/landing/{system}/{table}/*.parquet')"
