"""Points of the loyalty programme: what moved, what is there, what it costs."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import cents, month, percent, short_month, whole
from serving.report.marks import ACCENT, MUTED, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import MONTHS_SHOWN, Section, Table, cells_of, nothing

ROWS_SHOWN = 12


def points(marts: Marts) -> Section:
    """Points by month: earned, redeemed, expired, what is outstanding and both liabilities."""
    key, title = "points", say("Loyalty points")
    found = marts.rows(
        "select month_start, earned_points, redeemed_points, expired_points, outstanding_points, "
        "owed_points, never_earned_points, ultimate_redemption_rate as rate, "
        "ultimate_redemption_rate_low as low, ultimate_redemption_rate_high as high, "
        "ultimate_redemption_rate_reason as rate_reason, liability_cost, liability_cost_reason, "
        "deferred_revenue, deferred_revenue_reason "
        "from marts.loyalty_points order by month_start"
    )
    if not found:
        return nothing(
            key,
            title,
            ended(say("No points ledger has landed; the file points.csv would fill this part")),
        )
    last = found[-1]
    headline = say("{} points are outstanding", whole(last["outstanding_points"]))
    if last["rate"] is not None:
        headline += say("; {} of all points earned will be redeemed", percent(last["rate"]))
        if last["low"] is not None:
            headline += say(" ({} to {})", percent(last["low"], 1), percent(last["high"], 1))
    if last["liability_cost"] is not None:
        headline += say("; at that rate they cost {}", whole(last["liability_cost"]))
    shown = found[-MONTHS_SHOWN:]
    names = {
        "earned_points": say("Points earned"),
        "redeemed_points": say("Points redeemed"),
        "expired_points": say("Points expired"),
    }
    figures = [
        charts.svg(
            charts.paths(
                [
                    {
                        "date": row["month_start"].isoformat(),
                        "kind": name,
                        "value": float(row[column]),
                        "note": f"{month(row['month_start'])}: {name} {whole(row[column])}",
                    }
                    for row in shown
                    for column, name in names.items()
                ],
                colours=dict(zip(names.values(), (ACCENT, WARM, MUTED), strict=True)),
                width=560,
            ),
            key=marts.prefix + key,
            label=say("Points earned, redeemed and expired by month"),
        )
    ]
    how = say(
        "The rate is told by chain ladder on the months in which points were earned, with what was "
        "known at the time; the interval is a 90% one. The cost is points outstanding times the "
        "rate times the cost of a point; deferred revenue is what customers have paid for points "
        "that they have not redeemed yet."
    )
    notes = []
    if never := sum(row["never_earned_points"] for row in found):
        notes.append(
            say("{} points were taken that the account never had; they stay apart.", whole(never))
        )
    if last["owed_points"]:
        notes.append(
            say("{} points were taken back after they had been spent.", whole(last["owed_points"]))
        )
    return Section(
        key,
        title,
        ended(headline),
        how,
        figures,
        [_table(marts, found[-ROWS_SHOWN:])],
        notes=notes,
    )


def _table(marts: Marts, rows: list[Record]) -> Table:
    return Table(
        [
            say("Month"),
            say("Points earned"),
            say("Points redeemed"),
            say("Points expired"),
            say("Outstanding"),
            say("Rate in the end"),
            say("Cost of redeeming"),
            say("Deferred revenue"),
        ],
        [
            cells_of(
                short_month(row["month_start"]),
                whole(row["earned_points"]),
                whole(row["redeemed_points"]),
                whole(row["expired_points"]),
                whole(row["outstanding_points"]),
                marts.names("points_rate_reason", row["rate_reason"])
                if row["rate"] is None
                else percent(row["rate"], 1),
                marts.names("points_liability_reason", row["liability_cost_reason"])
                if row["liability_cost"] is None
                else cents(row["liability_cost"]),
                marts.names("points_liability_reason", row["deferred_revenue_reason"])
                if row["deferred_revenue"] is None
                else cents(row["deferred_revenue"]),
            )
            for row in reversed(rows)
        ],
    )
