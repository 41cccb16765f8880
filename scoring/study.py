"""What a study is: statistics between dbt models, declared once.

A study reads one dbt model under a contract and writes the tables of one dbt source. From its
declaration follow the source, the staging models and their descriptions (``scoring.sources``), and
the step, assets and checks that orchestration makes of it. A study is known once it stands in
``scoring.studies.STUDIES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

# SQL type to the pandas type that DuckDB reads as it, in an empty frame as well. A null is NA,
# never NaN.
PANDAS_TYPES: Mapping[str, str] = {
    "varchar": "string",
    "date": "date32[day][pyarrow]",
    "double": "Float64",
    "bigint": "Int64",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Column:
    """A column of a table that a study writes; the SQL type is one of ``PANDAS_TYPES``."""

    name: str
    sql_type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table that a study writes: described, with its key, column by column.

    Of a ``history`` rows as of other dates stay when it is written; it has an ``as_of_date``.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    history: bool = False

    @property
    def types(self) -> dict[str, str]:
        """SQL types by column name, in order."""
        return {column.name: column.sql_type for column in self.columns}

    def frame(self, values: Mapping[str, Any]) -> pd.DataFrame:
        """A frame with exactly the columns and types declared.

        ``values`` maps every column to an array of one length, or to a single value for all rows;
        at least one array must be given.

        Raises:
            ValueError: a column is missing, or not declared.
        """
        if set(values) != set(self.types):
            wrong = sorted(set(values) ^ set(self.types))
            raise ValueError(f"{self.name}: columns {wrong} do not fit")
        frame = pd.DataFrame({column: values[column] for column in self.types})
        return frame.astype({name: PANDAS_TYPES[kind] for name, kind in self.types.items()})

    def record(self, values: Mapping[str, Any], digits: int) -> dict[str, Any]:
        """A row with what is known; floats to so many digits that no order of rows moves them."""
        return {
            name: round(value, digits) if isinstance(value := values.get(name), float) else value
            for name in self.types
        }

    def from_records(self, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """One row per mapping; empty, with its columns, if there are none."""
        if not records:
            empty = {n: pd.Series(dtype=PANDAS_TYPES[kind]) for n, kind in self.types.items()}
            return pd.DataFrame(empty)
        return self.frame({name: [record[name] for record in records] for name in self.types})


@dataclass(frozen=True)
class Input:
    """The dbt model that a study reads: its name and the SQL types to read its columns as.

    ``columns_if`` are columns read only where a row of the model meets a condition (SQL): those
    that say nothing otherwise.
    """

    model: str
    columns: Mapping[str, str]
    columns_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Result(Protocol):
    """What a study found."""

    def frames(self) -> dict[str, pd.DataFrame]:
        """A frame for each of the study's tables, by name."""

    def told(self) -> str:
        """What was found in a few words, and what was set aside."""


@dataclass(frozen=True)
class Study:
    """Statistics from one input to several tables.

    ``source`` names the dbt source and the schema of the tables. ``domain`` is the one that alone
    reads and feeds it, if there is one: the study then belongs to it. ``settings`` is a dataclass
    with an ``as_of_date``, whose other fields have the names of dbt vars, which overrule their
    defaults. ``run`` gets the input as a frame, and the settings; third, if it ``recalls`` a
    history among its tables, the rows that this has as of earlier dates. ``shown`` cuts down a
    table's frame to what a person would look at.
    """

    name: str
    source: str
    description: str
    input: Input
    tables: tuple[Table, ...]
    settings: Callable[..., Any]
    run: Callable[..., Result]
    shown: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = field(default_factory=dict)
    domain: str | None = None
    recalls: str | None = None

    def table(self, name: str) -> Table:
        """The table of a name."""
        return next(table for table in self.tables if table.name == name)
