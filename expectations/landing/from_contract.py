"""The structural part of a landing suite, as it follows from the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import great_expectations as gx

from expectations.suites import Measures
from landing.alike import alike_count, alike_example
from landing.contract import TABLES, Column, Table
from landing.masking import LOOKS_PERSONAL
from landing.texts import MISSING, NOBODY, UNKNOWN, is_one_of

UNKNOWN_REFERENCES_TOLERATED = 0.01
EARLIEST_PLAUSIBLE_DATE = date(1990, 1, 1)
"""The warehouse's var ``earliest_plausible_date``."""

LARGE_KEYS_ONE_IN = 16
"""Part of a large table's keys that is looked at: a year of a small chain has 20 million
promotions, and the warehouse counts every key when it builds."""

MASTER_DATA = {table.qualified_name for table in TABLES if table.event_column is None}
# What rows that break a rule are worth, for the tables that carry revenue.
MONEY = {
    "pos.orders": "select sum(net_revenue) from pos.order_lines"
    " where order_id in (select order_id {rows})",
    "pos.order_lines": "select sum(net_revenue) {rows}",
}


def contract_suite(table: Table, landed_on: date) -> gx.ExpectationSuite:
    """What follows from the contract alone."""
    return contract_measures(table, landed_on).suite()


def contract_measures(
    table: Table,
    landed_on: date,
    *,
    strict: tuple[str, ...] = (),
    last_day: str | None = None,
) -> Measures:
    """Columns and types, volume, nulls, key, accepted values, dates, references and rules.

    Up to 1% of a column's references may be unknown without a word, because master data lags
    behind sales; in columns whose reference must exist, and the ``strict`` ones, each is reported,
    and most of them unknown blocks. Events after ``last_day`` (SQL, default: the day of landing)
    are in the future. Texts that spell a missing value out, and identifiers that a person would
    take for the same, are reported.
    """
    strict += tuple(column.name for column in table.parents)
    name = table.qualified_name
    measures = Measures(
        name, key=table.key, money=MONEY.get(name), keys_only=table.is_about_persons
    )
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
        nullable=[name for name in table.key if table.column(name).nullable],
        version=table.version_column,
        one_in=LARGE_KEYS_ONE_IN if table.is_large else 1,
    )
    if table.owner:
        _used_twice(measures, table, landed_on)
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
        if column.type == "text" and not column.accepted_values:
            _missing_spelt_out(measures, column)
        if column.is_identifier and len(shared := _shared(table.identity(column))) > 1:
            # Once, where there are rows even if no other table was supplied.
            first = next((of for of in shared if of[0].required), shared[0])
            if first == (table, column):
                _alike(measures, column, shared)
    _personal_in_other_columns(measures, table)
    if event := table.event_column:
        measures.rows(
            f"{event} in the future",
            f"cast({event} as date) > {last_day or day(landed_on)}",
            f"{event} is not after the day of landing, {landed_on}",
            column=event,
        )
        _implausible(measures, event)
    _rules(measures, table)
    return measures


def _rules(measures: Measures, table: Table) -> None:
    for column in table.columns:
        if column.may_be_placeholder:
            _implausible(measures, column.name)
    for rule in table.rules:
        measures.rows(
            rule.name,
            rule.condition,
            rule.meaning,
            column=rule.column,
            # What is taken for unknown stands in nobody's way.
            blocks=rule.effect != "no_value",
        )


def _implausible(measures: Measures, column: str) -> None:
    """No date from before there was anything to record."""
    measures.rows(
        f"{column} before {EARLIEST_PLAUSIBLE_DATE}",
        f"{column} < {day(EARLIEST_PLAUSIBLE_DATE)}",
        f"{column} is no placeholder such as 1900-01-01",
        column=column,
    )


def day(value: date) -> str:
    """The day as an SQL literal."""
    return f"date '{value}'"


def _used_twice(measures: Measures, table: Table, landed_on: date) -> None:
    """Blocks where rows that share a key are no versions of one record.

    Rows that are in quarantine for reasons of their own do not count, as in the warehouse. The
    setting that tolerates a share of such rows is in ``landing.tolerance``.
    """
    (key,) = table.key
    name = table.qualified_name
    sound = [f"{column.name} is not null" for column in table.columns if not column.nullable]
    if event := table.event_column:
        sound.append(
            f"cast({event} as date) between {day(EARLIEST_PLAUSIBLE_DATE)} and {day(landed_on)} + 1"
        )
    repeated = f"select hash({key}) from {name} group by 1 having count(*) > 1"
    versions = f"select distinct * from {name} where hash({key}) in ({repeated})"
    reused = (
        f"select {key}, count(*) as versions from ({versions}) where {' and '.join(sound)} "
        f"group by {key} having {table.reused}"
    )
    differ = ", ".join([*table.owner, *([f"day of {event}"] if event else [])])
    with_it = "the store" if table.name == "orders" else f"the {table.owner[0]}"
    measures.found(
        "number used twice",
        "(select case when coalesce(sum(versions), 0) > (select reused_share from"
        f" landing.tolerance) * (select count(*) from {name}) then format("
        f"'{{}} used by {{}} rows, such as {key} {{}}', count(*), sum(versions), min({key})) end"
        f" from ({reused}))",
        f"no {key} is used for two different records (another {differ}): make the numbers unique,"
        f" with {with_it} in them, such as "
        + ("store-day-till-number" if table.name == "orders" else f"{table.owner[0]}-number"),
        "critical",
    )


def _missing_spelt_out(measures: Measures, column: Column) -> None:
    if column.is_identifier:
        condition = is_one_of(column.name, (*UNKNOWN, *NOBODY))
        if column.name == "customer_id":
            # Numbers that tills give to a customer who is none.
            condition += f" or regexp_full_match({column.name}, '0+|-1|9{{4,}}')"
    else:
        condition = is_one_of(column.name, (*MISSING, *UNKNOWN))
    measures.rows(
        f"{column.name} spelt out as missing",
        condition,
        f"{column.name} is empty where it is not known; LIFECYCLE_MISSING_VALUES can say which "
        "texts mean that",
        column=column.name,
        blocks=False,
        is_vocabulary=True,
    )


def _personal_in_other_columns(measures: Measures, table: Table) -> None:
    """Addresses and telephone numbers of persons where they would be published."""
    names = [
        column.name
        for column in table.columns
        if column.type == "text" and not column.personal and not column.accepted_values
    ]
    # A look for one character first, which is quick on many millions of rows.
    counted = ", ".join(
        f"count(*) filter (where ({name} like '%@%' or {name} like '+%')"
        f" and regexp_full_match({name}, '{LOOKS_PERSONAL}')) as {name}"
        for name in names
    )
    told = ", ".join(f"nullif({name}, 0) || ' in {name}'" for name in names)
    measures.found(
        "personal data",
        f"(select nullif(concat_ws(', ', {told}), '') from"
        f" (select {counted} from {table.qualified_name}))",
        "no e-mail address or telephone number stands in a column that is published",
        "warning",
    )


def _shared(identity: str) -> list[tuple[Table, Column]]:
    """The columns of all tables that have the same identifiers; none for those of events.

    A line whose order is not found is quarantined, and orders are too many to compare.
    """
    owner, _, _ = identity.rpartition(".")
    if owner not in MASTER_DATA:
        return []
    return [
        (table, column)
        for table in TABLES
        for column in table.columns
        if column.is_identifier and table.identity(column) == identity
    ]


def _alike(measures: Measures, column: Column, shared: Sequence[tuple[Table, Column]]) -> None:
    queries = [f"select {c.name} as identifier from {t.qualified_name}" for t, c in shared]
    measures.value(
        f"{column.name} alike",
        alike_count(queries),
        f"no {column.name} differs from another one, in this table or others, only by upper and "
        "lower case, blanks, zeros before the number or .0 behind it",
        "warning",
        high=0,
        column=column.name,
        examples=alike_example(queries),
    )
