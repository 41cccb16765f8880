"""The structural part of a landing suite, as it follows from the contract."""

from __future__ import annotations

from datetime import date

from expectations.suites import Measures
from landing.contract import TABLES, Table

UNKNOWN_REFERENCES_TOLERATED = 0.01
# What rows that break a rule are worth, for the tables that carry revenue.
MONEY = {
    "pos.orders": "select sum(net_revenue) from pos.order_lines"
    " where order_id in (select order_id {rows})",
    "pos.order_lines": "select sum(net_revenue) {rows}",
}


def contract_measures(
    table: Table, landed_on: date, *, strict: tuple[str, ...] = (), keys_one_in: int = 1
) -> Measures:
    """Columns and types, volume, nulls, key, accepted values, dates and references.

    Up to 1% of a column's references may be unknown without a word, because master data lags
    behind sales; in the ``strict`` columns each is reported, and most of them unknown blocks.
    Of the keys, one in ``keys_one_in`` is looked at.
    """
    name = table.qualified_name
    measures = Measures(name, key=table.key, money=MONEY.get(name))
    measures.structure([(column.name, column.sql_type) for column in table.columns])
    if table.required:
        measures.value(
            "rows of all tables",
            "(select sum(row_count) from landing.manifest)",
            "there is something to build from",
            "critical",
            low=1,
        )
        # A loyalty programme or a mailing list has no orders; half an export is broken.
        others = [other.qualified_name for other in TABLES if other.required and other != table]
        for other in others:
            measures.value(
                f"rows beside {other}",
                f"case when exists (from {other}) then count(*) end",
                f"{name} has rows where {other} has",
                "critical",
                low=1,
            )
    measures.value(
        "rows missing",
        f"abs((select row_count from landing.manifest where table_name = '{name}') - count(*))",
        "the file has as many rows as were landed",
        "critical",
        high=0,
    )
    measures.unique_key(
        nullable=[name for name in table.key if table.column(name).nullable], one_in=keys_one_in
    )
    for column in table.columns:
        if not column.nullable:
            measures.rows(
                f"{column.name} missing",
                f"{column.name} is null",
                f"{column.name} is never empty",
                column=column.name,
            )
        if column.accepted_values:
            values = ", ".join(f"'{value}'" for value in column.accepted_values)
            measures.rows(
                f"{column.name} unknown value",
                f"{column.name} not in ({values})",
                f"{column.name} is one of {', '.join(column.accepted_values)}",
                column=column.name,
            )
        if column.references:
            measures.unknown(
                column.name,
                column.references,
                f"{column.name} is found in {column.references}",
                tolerated_share=0 if column.name in strict else UNKNOWN_REFERENCES_TOLERATED,
                blocks=column.name in strict,
            )
    if event := table.event_column:
        measures.rows(
            f"{event} in the future",
            f"cast({event} as date) > date '{landed_on}'",
            f"{event} is not after the day of landing, {landed_on}",
            column=event,
        )
        measures.rows(
            f"{event} before 1990",
            f"{event} < date '1990-01-01'",
            f"{event} is no placeholder such as 1900-01-01",
            column=event,
        )
    return measures
