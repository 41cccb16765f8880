"""Read access to the marts of a database file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from serving.caveats import Caveats, caveats
from serving.report.names import Names
from serving.stake import Stake, currency, returns, stake

if TYPE_CHECKING:
    from serving.report.lists import CustomerList

Record = dict[str, Any]


class Marts:
    """Schema ``marts`` of an open database."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lists: Mapping[str, CustomerList] | None = None,
        prefix: str = "",
    ) -> None:
        """Look into the database that ``connection`` has open.

        ``lists`` were written from it; ids on the page begin with ``prefix``.
        """
        self._connection = connection
        self.lists = lists or {}
        self.prefix = prefix

    def rows(self, query: str, **parameters: Any) -> list[Record]:
        """All rows of a query with named parameters, as column to value."""
        cursor = self._connection.execute(query, parameters or None)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def row(self, query: str, **parameters: Any) -> Record:
        """The only row of a query."""
        (row,) = self.rows(query, **parameters)
        return row

    def value(self, query: str, **parameters: Any) -> Any:
        """The only value of the only row of a query."""
        (value,) = self.row(query, **parameters).values()
        return value

    def has(self, table: str) -> bool:
        """Whether there is a mart of that name."""
        return bool(
            self.value(
                "select count(*) from information_schema.tables "
                "where table_schema = 'marts' and table_name = $name",
                name=table,
            )
        )

    def column_or_null(self, table: str, column: str) -> str:
        """SQL for a column that a file published earlier may lack."""
        found = self.value(
            "select count(*) from information_schema.columns "
            "where table_schema = 'marts' and table_name = $table and column_name = $column",
            table=table,
            column=column,
        )
        return column if found else "null"

    @cached_property
    def caveats(self) -> Caveats:
        """What has to be said beside figures."""
        return caveats(self._connection)

    @cached_property
    def stake(self) -> Stake:
        """What is at risk, and with whom."""
        return stake(self._connection)

    @cached_property
    def names(self) -> Names:
        """What to call what columns hold; a file published earlier lacks it."""
        if not self.has("labels"):
            return Names([])
        return Names(self.rows("select * from marts.labels order by vocabulary, sort_order"))

    @cached_property
    def currency(self) -> str:
        """Currency of all amounts; empty if it is not known."""
        return currency(self._connection)

    @property
    def unit(self) -> str:
        """The currency as it follows the first amount of a sentence."""
        return f" {self.currency}" if self.currency else ""

    def warnings(self) -> tuple[list[str], int]:
        """What the published version warns of, what matters most first; and how many checks do."""
        if not self.has("publish_log"):
            return [], 0
        warnings = self.column_or_null("publish_log", "warnings")
        newest = self.rows(
            f"select {warnings} as warnings, checks_warned from marts.publish_log "
            "order by version desc limit 1"
        )
        return (
            [text for row in newest for text in json.loads(row["warnings"] or "[]")],
            sum(row["checks_warned"] for row in newest),
        )

    def returns(self) -> tuple[Decimal, list[tuple[str, float]]]:
        """Money given back, and the share of each way in which it found its sale."""
        return returns(self._connection)

    def as_of_date(self) -> date | None:
        """The first day that was not visible; None where nothing has a date."""
        found: date | None = self.value(
            "select coalesce("
            "(select max(as_of_date) from marts.customer_value), "
            "(select max(date_day) + 1 from marts.dim_dates where is_observed))"
        )
        return found
