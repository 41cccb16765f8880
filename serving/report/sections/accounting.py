"""Warnings, and whether every row and every cent is accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from serving.language import clauses, ended, enumerated, say
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
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, nothing

ORDER_LINES = "pos.order_lines"
WARNINGS_SHOWN = 30
REASON = "quarantine_reason"


def warnings(marts: Marts) -> Section:
    """What the checks warn of, in words."""
    key, title = "warnings", say("Warnings")
    found, checks = marts.warnings()
    if not found:
        return nothing(
            key,
            title,
            say("{} warned; Data Docs say of what.", count(checks, "check"))
            if checks
            else say("No check warns of anything."),
        )
    shown = found[:WARNINGS_SHOWN]
    more = len(found) - len(shown)
    return Section(
        key,
        title,
        say("The checks let the figures pass with {}", count(len(found), "warning"))
        + (say(", what matters most first.") if len(found) > 1 else ended("")),
        tables=[Table([say("What is not as expected")], [[Cell(text)] for text in shown])],
        notes=[
            Markup(
                (
                    say("{:,} more, and examples of the rows: ", more)
                    if more
                    else say("Examples of the rows: ")
                )
                + '<a href="../data_docs/index.html">Data Docs</a>.'
            )
        ],
    )


def accounting(marts: Marts) -> Section:
    """Whether every row and every cent is accounted for."""
    key, title = "accounting", say("Everything accounted for")
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
        return nothing(key, title, say("Nothing has landed."))
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
            say(
                "Revenue of {}{} ties out to the cent in {} of {} that report it",
                cents(revenue),
                marts.unit,
                len(reported),
                count(len(reported), "place"),
            )
            if agree
            else say(
                "Revenue does not tie out in {} of {} that report it",
                len(reported) - len(tied),
                count(len(reported), "place"),
            )
        )
    parts.append(
        say("{}, every one accounted for", count(rows, "landed row"))
        if not unexplained
        else say("{} cannot be explained", count(unexplained, "landed row"))
    )
    parts.append(
        say("{} {} in quarantine", count(quarantined, "row"), "is" if quarantined == 1 else "are")
        + _money_held(landed, marts.unit)
        if quarantined
        else say("none is in quarantine")
    )
    outcomes = [
        (name, column)
        for name, column in (
            (say("Accepted"), "accepted_rows"),
            (say("Duplicates"), "duplicate_rows"),
            (say("Superseded"), "superseded_rows"),
            (say("Quarantined"), "quarantined_rows"),
        )
        if column in landed[0]
    ]
    tables = [
        Table(
            [say("Net revenue"), say("Amount"), say("Difference"), ""],
            [
                [
                    Cell(_item(marts, row["item"])),
                    Cell(cents(row["net_revenue"])),
                    Cell("" if row["difference"] is None else cents(row["difference"])),
                    _check(row["difference"]),
                ]
                for row in steps
            ],
            caption=say("Revenue")
            + (say(" in {}", marts.currency) if marts.currency else "")
            + say(", from the landing to every mart"),
        ),
        Table(
            [say("Landed table"), say("Landed"), *(name for name, _ in outcomes), ""],
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
            caption=say("Rows, from the landing to the staging"),
        ),
    ]
    if reasons:
        tables.append(_reasons(marts, reasons))
    empty = [row["table_name"] for row in landed if not row["landed_rows"]]
    returned = _returns(marts)
    notes = [told for told in (returned, _restated(marts)) if told]
    if empty:
        notes.append(say("Without rows, so that what they tell is missing: {}.", enumerated(empty)))
    return Section(
        key,
        title,
        capitalised(ended(clauses(parts))),
        say(
            "✓ means no difference at all: landed = {}, and each mart adds up to the revenue "
            "that was expected.",
            " + ".join((name.lower() for name, _ in outcomes)),
        ),
        tables=tables,
        notes=notes,
    )


def _restated(marts: Marts) -> str:
    """How many figures of earlier months are no longer what they were, and why; time aside."""
    if not marts.has("restatements"):
        return ""
    causes = marts.rows(
        "select cause, count(*) as figures "
        "from marts.restatements "
        "where version = (select max(version) from marts.publish_log) and cause <> 'as_of_moved' "
        "group by cause order by figures desc, cause"
    )
    if not causes:
        return ""
    return say(
        "{} of earlier months changed since the version before ({}): marts.restatements has which.",
        count(sum(row["figures"] for row in causes), "published figure"),
        enumerated(
            [
                f"{marts.names('restatement_cause', row['cause'])} {whole(row['figures'])}"
                for row in causes
            ]
        ),
    )


def _money_held(landed: Sequence[Record], unit: str) -> str:
    """The money in quarantine: what the marts lack, with its sign, and how much of all it is."""
    lines = next((row for row in landed if row["table_name"] == ORDER_LINES), {})
    money, share = lines.get("quarantined_net_revenue"), lines.get("quarantined_revenue_share")
    if not share:
        return ""
    return say(
        ", with net revenue of {}{} ({} of what lines move)", cents(money), unit, percent(share)
    )


def _reasons(marts: Marts, reasons: Sequence[Record]) -> Table:
    """Why rows were kept back, with what and when."""
    optional = [
        (name, written)
        for name, written, column in (
            (say("Net revenue"), lambda row: cents(row["net_revenue"]), "net_revenue"),
            (say("Dated"), _dated, "first_event_date"),
            (say("For example"), lambda row: row["example_key"] or MISSING, "example_key"),
        )
        if any(row[column] is not None for row in reasons)
    ]
    return Table(
        [say("Quarantined in"), say("Reason"), say("Rows"), *(name for name, _ in optional)],
        [
            cells_of(
                row["table_name"],
                _why(marts, row["rejection_reasons"]),
                whole(row["row_count"]),
                *(written(row) for _, written in optional),
            )
            for row in reasons
        ],
        text_columns=2,
        caption=say("Why rows were kept back"),
    )


def _item(marts: Marts, item: str) -> str:
    """What is added up; of the channels by which attribution model."""
    what, _, model = item.partition(": ")
    name = marts.names("revenue_item", what)
    return say("{}: {}", name, marts.names("attribution_model", model)) if model else name


def _why(marts: Marts, reasons: str) -> str:
    """All reasons of a row; a column that is missing or unknown keeps its name."""
    known = marts.names.values(REASON)
    told = []
    for reason in reasons.split(", "):
        # missing_customer_id, order_number_reused
        before = next((name for name in known if reason.startswith(f"{name}_")), "")
        after = next((name for name in known if reason.endswith(f"_{name}")), "")
        rest = reason.removeprefix(f"{before}_").removesuffix(f"_{after}").replace("_", " ")
        if reason in known or not before + after:
            told.append(marts.names(REASON, reason).lower())
        else:
            name = marts.names(REASON, before or after)
            told.append(f"{name} {rest}" if before else f"{rest} {name}")
    return enumerated(told)


def _dated(row: Record) -> str:
    first, last = row["first_event_date"], row["last_event_date"]
    return short_day(first) if first == last else say("{} to {}", short_day(first), short_day(last))


def _returns(marts: Marts) -> str:
    """How returned money found its sale; empty without returns."""
    returned, ways = marts.returns()
    if not returned:
        return ""
    return say("Of {}{} in returns and credits, ", cents(returned), marts.unit) + ended(
        listed(
            [f"{percent(share)} {marts.names.within('return_match', way)}" for way, share in ways]
        )
    )


def _check(difference: Any) -> Cell:
    if difference is None:
        return Cell("")
    return Cell("✗", mark="bad") if difference else Cell("✓", mark="good")
