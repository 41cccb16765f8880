"""Building blocks of suites: expectations on rows, and on measures of a whole table.

A suite is about one relation and validates one pandas batch. There are two kinds:

* ``rows_suite``: the batch holds the relation's rows, with only the columns that the expectations
  name. For tables with at most a row or a few per customer.
* ``Measures``: the batch holds one row of figures that DuckDB computed over the whole relation.
  For tables of any size (the promotions of a year are 20 million rows), and for sums.

``severity`` decides what a failure does: ``critical`` blocks the run; ``warning`` and ``info`` are
reported. Rows that the warehouse puts in quarantine are no reason to stop before it builds, unless
there are so many that the source must be broken: ``Measures.rows`` warns of the first and blocks
above half. Whether the rest is enough to be published is judged by its money, when it is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import great_expectations as gx
from great_expectations.expectations.core.expect_column_distinct_values_to_be_in_set import (
    ExpectColumnDistinctValuesToBeInSet,
)
from great_expectations.expectations.core.expect_column_max_to_be_between import (
    ExpectColumnMaxToBeBetween,
)
from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
    ExpectColumnPairValuesAToBeGreaterThanB,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_unique import (
    ExpectColumnValuesToBeUnique,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_table_row_count_to_be_between import (
    ExpectTableRowCountToBeBetween,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

Severity = Literal["critical", "warning", "info"]

ROWS = "rows"
"""The measure that every measured batch has: the number of rows."""

BLOCKING_SHARE = 0.5


def not_null(
    column: str, description: str, severity: Severity = "critical", mostly: float = 1.0
) -> Expectation:
    """Every row (or the share ``mostly``) has a value."""
    return ExpectColumnValuesToNotBeNull(
        column=column,
        mostly=mostly,
        description=description,
        severity=FailureSeverity(severity),
    )


def unique(column: str, description: str, severity: Severity = "critical") -> Expectation:
    """No two rows have the same value."""
    return ExpectColumnValuesToBeUnique(
        column=column, description=description, severity=FailureSeverity(severity)
    )


def between(
    column: str,
    low: float | None,
    high: float | None,
    description: str,
    severity: Severity = "critical",
) -> Expectation:
    """Every value that is there lies between ``low`` and ``high``, both included."""
    return ExpectColumnValuesToBeBetween(
        column=column,
        min_value=low,
        max_value=high,
        description=description,
        severity=FailureSeverity(severity),
    )


def at_least(
    larger: str, smaller: str, description: str, severity: Severity = "critical"
) -> Expectation:
    """In every row that has both, ``larger`` is not below ``smaller``."""
    return ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=larger,
        column_B=smaller,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        description=description,
        severity=FailureSeverity(severity),
    )


def not_empty(description: str, severity: Severity = "critical") -> Expectation:
    """There is at least one row."""
    return ExpectTableRowCountToBeBetween(
        min_value=1, description=description, severity=FailureSeverity(severity)
    )


def rows_suite(relation: str, expectations: Sequence[Expectation]) -> gx.ExpectationSuite:
    """A suite on the rows of ``relation`` (``schema.table``)."""
    return gx.ExpectationSuite(
        name=relation, expectations=list(expectations), meta={"relation": relation}
    )


class Measures:
    """Collects expectations on figures of one relation; ``suite`` makes the suite.

    Figures are SQL aggregates over the relation. What they may be, and how to show examples, is
    kept in the suite's and the expectations' ``meta``, where ``expectations.validate`` finds it.
    """

    def __init__(
        self,
        relation: str,
        key: Sequence[str] = (),
        name: str | None = None,
        money: str | None = None,
        keys_only: bool = False,
    ) -> None:
        """Start a suite on ``relation``, whose rows are told apart by the columns of ``key``.

        With ``keys_only``, examples of rows are their keys alone: any other value may be personal.
        ``money`` is a query for the money in some of its rows; ``{rows}`` in it stands for the
        ``from`` clause that yields them.
        """
        self.relation = relation
        self.key = tuple(key)
        self._money = money
        self._keys_only = keys_only
        self._name = name or relation
        self._sql: dict[str, str] = {ROWS: "count(*)"}
        self._shares: dict[str, str] = {}
        self._columns: str | None = None
        self._expectations: list[Expectation] = []

    def structure(self, columns: Sequence[tuple[str, str]]) -> Measures:
        """The relation has exactly these columns with these SQL types, in this order."""
        schema, table = self.relation.split(".")
        self._sql["columns"] = (
            "(select string_agg(column_name || ' ' || lower(data_type), ', ' order by column_index)"
            f" from duckdb_columns() where schema_name = '{schema}' and table_name = '{table}')"
        )
        expected = ", ".join(f"{name} {sql_type}" for name, sql_type in columns)
        self._columns = expected
        self._expectations.append(
            ExpectColumnDistinctValuesToBeInSet(
                column="columns",
                value_set=[expected],
                description="the columns and their types are those of the contract",
                severity=FailureSeverity.CRITICAL,
            )
        )
        return self

    def value(
        self,
        measure: str,
        sql: str,
        description: str,
        severity: Severity,
        *,
        low: float | None = None,
        high: float | None = None,
        column: str | None = None,
        examples: str | None = None,
    ) -> Measures:
        """The figure ``sql`` lies between ``low`` and ``high``; a null figure is not judged.

        ``column`` is what it is about; ``examples`` is a query for what breaks the rule.
        """
        self._sql[measure] = sql
        meta = {"column": column, "examples": examples} if column or examples else None
        self._expect(measure, description, severity, low=low, high=high, meta=meta)
        return self

    def found(self, measure: str, sql: str, description: str, severity: Severity) -> Measures:
        """``sql`` is null if all is well, and else a text that tells what was found."""
        self._sql[measure] = sql
        self._expectations.append(
            ExpectColumnDistinctValuesToBeInSet(
                column=measure,
                value_set=["nothing"],
                description=description,
                severity=FailureSeverity(severity),
                meta={"found": measure},
            )
        )
        return self

    def rows(
        self,
        measure: str,
        condition: str,
        description: str,
        *,
        column: str | None = None,
        tolerated_share: float = 0.0,
        severity: Severity = "warning",
        blocks: bool = True,
        is_vocabulary: bool = False,
    ) -> Measures:
        """Rows that meet ``condition`` are wrong.

        More than ``tolerated_share`` of them fails with ``severity``; more than half blocks if
        ``blocks``. Examples show the key and the ``column``, with ``keys_only`` where what breaks
        the rule ``is_vocabulary`` and nobody's.
        """
        counted = f"count(*) filter (where {condition})"
        shown = self._shown(column, told=is_vocabulary or not self._keys_only)
        found = f"from {self.relation} where {condition}"
        return self._bad_rows(
            measure,
            counted,
            description,
            column=column,
            examples=f"select {', '.join(shown)} {found}" if shown else None,
            found=found,
            tolerated_share=tolerated_share,
            severity=severity,
            blocks=blocks,
        )

    def unknown(
        self,
        column: str,
        referenced: str,
        description: str,
        *,
        tolerated_share: float = 0.0,
        blocks: bool = False,
    ) -> Measures:
        """Values of ``column`` that ``referenced`` (``schema.table.column``) lacks are wrong.

        An empty referenced table was not supplied, so that nothing can be said.
        """
        other, other_column = referenced.rsplit(".", 1)
        unmatched = f"anti join {other} as referred on referring.{column} = referred.{other_column}"
        # By distinct value first: a column has far fewer of them than rows.
        counted = (
            f"case when exists (from {other}) then (select coalesce(sum(row_count), 0) from ("
            f"select {column}, count(*) as row_count from {self.relation} "
            f"where {column} is not null group by {column}) as referring {unmatched}) else 0 end"
        )
        example = (
            f"from {self.relation} as referring {unmatched} where referring.{column} is not null"
        )
        shown = ", ".join(self._shown(column, told=not self._keys_only))
        return self._bad_rows(
            f"{column} unknown",
            counted,
            description,
            column=column,
            examples=f"select {shown} {example}",
            found=example,
            tolerated_share=tolerated_share,
            blocks=blocks,
        )

    def unique_key(
        self,
        *,
        nullable: Sequence[str] = (),
        version: str | None = None,
        severity: Severity = "warning",
        blocks: bool = True,
        one_in: int = 1,
    ) -> Measures:
        """No key occurs twice; rows that lack a part which is not ``nullable`` are not counted.

        It may occur again with another value in the column ``version``. With ``one_in``, only that
        part of the values of the key's first column is looked at, and the number found is
        multiplied: for tables of which counting every key takes too long.
        """
        required = [column for column in self.key if column not in nullable]
        complete = " and ".join(f"{column} is not null" for column in required)
        if one_in > 1:
            complete += f" and hash({self.key[0]}) % {one_in} = 0"
        columns = ", ".join(self.key)
        # One number per key, so that the distinct keys of a large table fit in memory. A query of
        # its own, because beside other figures DuckDB computes it in a slower way.
        told_apart = [*self.key, *([version] if version else [])]
        one = self.key[0] if len(told_apart) == 1 else f"hash({', '.join(told_apart)})"
        repeated = f"{one_in} * (count(*) - count(distinct {one}))"
        counted = f"(select {repeated} from {self.relation} where {complete})"
        example = (
            f"select {columns} from {self.relation} where {complete} "
            f"group by {', '.join(told_apart)} having count(*) > 1"
        )
        return self._bad_rows(
            "key repeated",
            counted,
            f"no {', '.join(self.key)} occurs twice" + (f" with one {version}" if version else ""),
            column=self.key[0] if len(self.key) == 1 else None,
            examples=example,
            severity=severity,
            blocks=blocks,
        )

    def suite(self) -> gx.ExpectationSuite:
        """The suite on the figures collected."""
        return gx.ExpectationSuite(
            name=self._name,
            expectations=self._expectations,
            meta={
                "relation": self.relation,
                "measures": dict(self._sql),
                "shares": dict(self._shares),
                "columns": self._columns,
            },
        )

    def _shown(self, column: str | None, *, told: bool) -> list[str]:
        """The columns of an example."""
        return list(dict.fromkeys([*self.key, *([column] if column and told else [])]))

    def _bad_rows(
        self,
        measure: str,
        counted: str,
        description: str,
        *,
        column: str | None,
        examples: str | None,
        found: str | None = None,
        tolerated_share: float = 0.0,
        severity: Severity = "warning",
        blocks: bool,
    ) -> Measures:
        share = f"{measure}, share"
        self._sql[measure] = counted
        self._shares[share] = measure
        money = self._money.format(rows=found) if self._money and found else None
        meta = {"column": column, "rows": measure, "examples": examples, "money": money}
        if tolerated_share:
            self._expect(share, description, severity, high=tolerated_share, meta=meta)
        else:
            self._expect(measure, description, severity, high=0, meta=meta)
        if blocks and severity != "critical":
            most = f"{description}; at least {1 - BLOCKING_SHARE:.0%} of the rows must keep to it"
            self._expect(share, most, "critical", high=BLOCKING_SHARE, meta=meta)
        return self

    def _expect(
        self,
        measure: str,
        description: str,
        severity: Severity,
        *,
        low: float | None = None,
        high: float | None = None,
        meta: dict[str, Any] | None = None,
    ) -> None:
        # The largest of a single value, because unlike expectations on every value it reports the
        # figure it saw.
        self._expectations.append(
            ExpectColumnMaxToBeBetween(
                column=measure,
                min_value=low,
                max_value=high,
                description=description,
                severity=FailureSeverity(severity),
                meta=meta or {},
            )
        )
