"""Warnings, and whether every row and every cent is accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from serving.report.formats import (
    MISSING,
    capitalised,
    cents,
    count,
    listed,
    percent,
    short_day,
    whole,
)
from serving.report.labels import RETURN_MATCHES
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, nothing

ORDER_LINES = "pos.order_lines"
WARNINGS_SHOWN = 30


def warnings(marts: Marts) -> Section:
    """What the checks warn of, in words."""
    key, title = "warnings", "Warnings"
    found, checks = marts.warnings()
    if not found:
        return nothing(
            key,
            title,
            f"{count(checks, 'check')} warned; Data Docs say of what."
            if checks
            else "No check warns of anything.",
        )
    shown = found[:WARNINGS_SHOWN]
    more = len(found) - len(shown)
    return Section(
        key,
        title,
        f"The checks let the figures pass with {count(len(found), 'warning')}"
        + (", what matters most first." if len(found) > 1 else "."),
        tables=[Table(["What is not as expected"], [[Cell(text)] for text in shown])],
        notes=[
            Markup(
                f"{f'{more:,} more, and examples' if more else 'Examples'} of the rows: "
                '<a href="../data_docs/index.html">Data Docs</a>.'
            )
        ],
    )


def accounting(marts: Marts) -> Section:
    """Whether every row and every cent is accounted for."""
    key, title = "accounting", "Everything accounted for"
    steps = marts.rows("select * from marts.revenue_reconciliation order by step, item")
    landed = marts.rows("select * from marts.landing_reconciliation order by table_name")
    columns = ", ".join(
        f"{marts.column_or_null('quarantine_reasons', name)} as {name}"
        for name in ("net_revenue", "first_event_date", "last_event_date", "example_key")
    )
    reasons = marts.rows(
        f"select table_name, rejection_reasons, row_count, {columns} "
        "from marts.quarantine_reasons order by table_name, rejection_reasons"
    )
    if not landed:
        return nothing(key, title, "Nothing has landed.")
    reported = [row for row in steps if row["difference"] is not None]
    tied = [row for row in reported if not row["difference"]]
    rows = sum(row["landed_rows"] for row in landed)
    unexplained = sum(abs(row["unexplained_rows"]) for row in landed)
    quarantined = sum(row["quarantined_rows"] for row in landed)
    parts = []
    if reported and any(row["net_revenue"] for row in steps):
        agree = len(tied) == len(reported)
        revenue = reported[0]["net_revenue"] if agree else None
        parts.append(
            f"Revenue of {cents(revenue)}{marts.unit} ties out to the cent in {len(reported)} of "
            f"{count(len(reported), 'place')} that report it"
            if agree
            else f"Revenue does not tie out in {len(reported) - len(tied)} of "
            f"{count(len(reported), 'place')} that report it"
        )
    parts.append(
        f"{count(rows, 'landed row')}, every one accounted for"
        if not unexplained
        else f"{count(unexplained, 'landed row')} cannot be explained"
    )
    parts.append(
        f"{count(quarantined, 'row')} {'is' if quarantined == 1 else 'are'} in quarantine"
        + _money_held(landed, marts.unit)
        if quarantined
        else "none is in quarantine"
    )
    outcomes = [
        (name, column)
        for name, column in (
            ("Accepted", "accepted_rows"),
            ("Duplicates", "duplicate_rows"),
            ("Superseded", "superseded_rows"),
            ("Quarantined", "quarantined_rows"),
        )
        if column in landed[0]
    ]
    tables = [
        Table(
            ["Net revenue", "Amount", "Difference", ""],
            [
                [
                    Cell(row["item"]),
                    Cell(cents(row["net_revenue"])),
                    Cell("" if row["difference"] is None else cents(row["difference"])),
                    _check(row["difference"]),
                ]
                for row in steps
            ],
            caption="Revenue"
            + (f" in {marts.currency}" if marts.currency else "")
            + ", from the landing to every mart",
        ),
        Table(
            ["Landed table", "Landed", *(name for name, _ in outcomes), ""],
            [
                [
                    Cell(row["table_name"]),
                    *cells_of(
                        whole(row["landed_rows"]),
                        *(whole(row[column]) for _, column in outcomes),
                    ),
                    _check(row["unexplained_rows"]),
                ]
                for row in landed
                if row["landed_rows"]
            ],
            caption="Rows, from the landing to the staging",
        ),
    ]
    if reasons:
        tables.append(_reasons(reasons))
    empty = [row["table_name"] for row in landed if not row["landed_rows"]]
    returned = _returns(marts)
    notes = [returned] if returned else []
    if empty:
        notes.append(f"Without rows, so that what they tell is missing: {', '.join(empty)}.")
    return Section(
        key,
        title,
        capitalised("; ".join(parts)) + ".",
        f"✓ means no difference at all: landed = {' + '.join(name.lower() for name, _ in outcomes)}"
        ", and each mart adds up to the revenue that was expected.",
        tables=tables,
        notes=notes,
    )


def _money_held(landed: Sequence[Record], unit: str) -> str:
    """The money in quarantine: what the marts lack, with its sign, and how much of all it is."""
    lines = next((row for row in landed if row["table_name"] == ORDER_LINES), {})
    money, share = lines.get("quarantined_net_revenue"), lines.get("quarantined_revenue_share")
    if not share:
        return ""
    return f", with net revenue of {cents(money)}{unit} ({percent(share)} of what lines move)"


def _reasons(reasons: Sequence[Record]) -> Table:
    """Why rows were kept back, with what and when."""
    optional = [
        (name, written)
        for name, written, column in (
            ("Net revenue", lambda row: cents(row["net_revenue"]), "net_revenue"),
            ("Dated", _dated, "first_event_date"),
            ("For example", lambda row: row["example_key"] or MISSING, "example_key"),
        )
        if any(row[column] is not None for row in reasons)
    ]
    return Table(
        ["Quarantined in", "Reason", "Rows", *(name for name, _ in optional)],
        [
            cells_of(
                row["table_name"],
                row["rejection_reasons"].replace("_", " "),
                whole(row["row_count"]),
                *(written(row) for _, written in optional),
            )
            for row in reasons
        ],
        text_columns=2,
        caption="Why rows were kept back",
    )


def _dated(row: Record) -> str:
    first, last = row["first_event_date"], row["last_event_date"]
    return short_day(first) if first == last else f"{short_day(first)} to {short_day(last)}"


def _returns(marts: Marts) -> str:
    """How returned money found its sale; empty without returns."""
    returned, ways = marts.returns()
    if not returned:
        return ""
    return (
        f"Of {cents(returned)}{marts.unit} in returns and credits, "
        + listed([f"{percent(share)} {RETURN_MATCHES.get(way, way)}" for way, share in ways])
        + "."
    )


def _check(difference: Any) -> Cell:
    if difference is None:
        return Cell("")
    return Cell("✗", mark="bad") if difference else Cell("✓", mark="good")
