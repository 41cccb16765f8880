"""What panels ask of a published file again and again, asked once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from typing import Any

import duckdb

from serving.report.marts import Marts, Record

CALLED: Mapping[str, tuple[str, str, str]] = {
    "channels": ("dim_channels", "channel_id", "channel_name"),
    "campaigns": ("dim_campaigns", "campaign_id", "campaign_name"),
}
"""In place of a vocabulary: what the retailer calls them."""


class Published:
    """Schema ``marts`` of an open published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Look into the file that ``connection`` has open."""
        self.marts = Marts(connection)
        self.is_empty = cache(self._is_empty)
        self.called = cache(self._called)

    def rows(self, query: str, **parameters: Any) -> list[Record]:
        """All rows of a query."""
        return self.marts.rows(query, **parameters)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the marts that there are."""
        found = self.rows("select table_name from duckdb_tables() where schema_name = 'marts'")
        return frozenset(row["table_name"] for row in found)

    @cached_property
    def as_of(self) -> date | None:
        """The first day that was not visible; None where nothing has landed."""
        return self.marts.as_of_date()

    @cached_property
    def first_day(self) -> date | None:
        """The first day with data."""
        found: date | None = self.marts.value(
            "select min(date_day) from marts.dim_dates where is_observed"
        )
        return found

    @cached_property
    def currency(self) -> str:
        """Currency of all amounts; empty if it is not known."""
        return self.marts.currency

    @cached_property
    def version(self) -> str:
        """Which version was published; empty in a file that was not."""
        if "publish_log" not in self.tables:
            return ""
        return str(self.marts.value("select coalesce(max(version), '') from marts.publish_log"))

    def _is_empty(self, mart: str) -> bool:
        return not self.marts.value(f"select exists (select 1 from marts.{mart})")

    def _called(self, what: str) -> Mapping[Any, str]:
        mart, key, name = CALLED[what]
        if mart not in self.tables:
            return {}
        found = self.rows(f"select {key} as id, {name} as name from marts.{mart}")
        return {row["id"]: row["name"] or row["id"] for row in found}
