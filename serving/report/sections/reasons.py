"""Why customers leave, and who is worth asking back."""

from __future__ import annotations

from serving.language import clauses, ended, say
from serving.report import charts
from serving.report.formats import MISSING, count, month, percent, ratio, whole
from serving.report.marks import ACCENT, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers, nothing

BASIS_COLOURS = {"stated": ACCENT, "inferred": WARM, "unknown": "#cdd3da"}
RATES_SHOWN = 6
RATE_CUSTOMERS = 30
"""Of fewer customers a rate of leaving says little."""


def reasons(marts: Marts) -> Section:
    """Customers who left by reason and how it is known."""
    key, title = "reasons", say("Why customers leave")
    found = marts.rows(
        "select reason_category as category, reason_basis as basis, sum(customers) as customers, "
        "max(departed_customers) as departed, max(known_customers) as known, "
        "max(stated_customers) as stated, max(category_share_of_stated) as said, "
        "max(category_share_estimated) as estimated, "
        "max(category_share_estimated_low) as estimated_low, "
        "max(category_share_estimated_high) as estimated_high, "
        "max(category_share_if_none_unknown) as low, max(category_share_if_all_unknown) as high, "
        "sum(revenue_lost) as revenue_lost "
        "from marts.churn_reasons where period_grain = 'all' group by 1, 2 order by 1, 2"
    )
    if not found:
        return no_customers(marts, key, title, say("No customer has left so far."))
    departed, known, stated = (found[0][name] for name in ("departed", "known", "stated"))
    categories = marts.names.values("reason_category", {row["category"] for row in found})
    bases = marts.names.values("reason_basis", {row["basis"] for row in found})
    chart = charts.stacked_lines(
        [
            {
                "line": marts.names("reason_category", row["category"]),
                "kind": marts.names("reason_basis", row["basis"]),
                "value": row["customers"],
                "note": say(
                    "{}, {}: {}",
                    marts.names("reason_category", row["category"]),
                    marts.names("reason_basis", row["basis"]).lower(),
                    count(row["customers"], "customer"),
                ),
            }
            for row in found
        ],
        lines=[marts.names("reason_category", category) for category in categories],
        colours={marts.names("reason_basis", basis): BASIS_COLOURS[basis] for basis in bases},
        width=400,
        title=say("Customers who left by reason and how it is known"),
    )
    parts = [
        say(
            "Of {} who left {} said why, of {} more something happened that is rare among those "
            "who stay",
            count(departed, "customer"),
            whole(stated),
            whole(known - stated),
        )
        if known
        else say("Nobody knows why {} left", count(departed, "customer"))
    ]
    said = [row for row in found if row["said"]]
    if said:
        first = max(said, key=lambda row: (row["said"], row["category"]))
        parts.append(
            say(
                "{} of those who said why name {}",
                percent(first["said"]),
                marts.names("reason_category", first["category"]).lower(),
            )
        )
    how = say(
        "A reason is stated where a cancellation, the end of a subscription or a survey after "
        "leaving has one, and inferred where something happened at the end that came far more "
        "often before leaving than before visits after which customers stayed. Bounds are "
        "what the share would be if none, or all, of the unknown had the reason. A competitor "
        "can hardly be inferred, so the estimate for all goes by those who said why, each for "
        "those who had the same kind of experience."
    )
    notes = (
        []
        if stated
        else [
            say(
                "tickets.csv with cancellations and their reasons, or subscriptions.csv with the "
                "reasons of their ends, would say why."
            )
        ]
    )
    return Section(
        key,
        title,
        ended(clauses(parts)),
        how,
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Customers who left by reason and how it is known"),
            )
        ],
        [_shares(marts, categories, found), *_experiences(marts), *_rates(marts)],
        notes=[*notes, *_timing(marts)],
    )


def _shares(marts: Marts, categories: list[str], found: list[Record]) -> Table:
    """Each category with its shares and bounds."""
    rows = []
    for category in categories:
        of = {row["basis"]: row for row in found if row["category"] == category}
        one = next(iter(of.values()))
        lost = [row["revenue_lost"] for row in of.values() if row["revenue_lost"] is not None]
        rows.append(
            cells_of(
                marts.names("reason_category", category),
                whole(sum(row["customers"] for row in of.values())),
                percent(one["said"]),
                percent(one["estimated"])
                if one["estimated"] is None
                else say(
                    "{} ({} to {})",
                    percent(one["estimated"]),
                    percent(one["estimated_low"]),
                    percent(one["estimated_high"]),
                ),
                percent(None)
                if one["low"] is None
                else say("{} to {}", percent(one["low"]), percent(one["high"])),
                whole(sum(lost)) if lost else whole(None),
            )
        )
    return Table(
        [
            say("Reason"),
            say("Customers"),
            say("Of those who said why"),
            say("Estimate for all (95%)"),
            say("Bounds"),
            say("Their last year's revenue"),
        ],
        rows,
    )


def _experiences(marts: Marts) -> list[Table]:
    """What happened before leaving, against those who stayed."""
    found = marts.rows(
        "select experience, left_with, left_rate, expected_rate, experience_ratio as times, "
        "experience_ratio_low as low, experience_ratio_high as high, experience_finding as finding "
        "from marts.leaving_experiences where left_with > 0 "
        "order by case experience_finding when 'reason' then 1 else 2 end, excess_share desc, "
        "experience"
    )
    if not found:
        return []
    return [
        Table(
            [
                say("Before they left"),
                say("Customers"),
                say("Of those who left"),
                say("If like those who stayed"),
                say("Times as often (95%)"),
                say("Finding"),
            ],
            [
                cells_of(
                    marts.names("leaving_experience", row["experience"]),
                    whole(row["left_with"]),
                    percent(row["left_rate"]),
                    percent(row["expected_rate"]),
                    MISSING
                    if row["times"] is None
                    else say("{:.1f} ({:.1f} to {:.1f})", row["times"], row["low"], row["high"]),
                    marts.names("experience_finding", row["finding"]),
                )
                for row in found
            ],
        )
    ]


def _rates(marts: Marts) -> list[Table]:
    """Where the rate of leaving is highest, in the newest month of which it is known."""
    found = marts.rows(
        "select retention_dimension as dimension, retention_value as value, month_end, "
        "horizon_days, customers, churn_rate, churn_rate_low as low, churn_rate_high as high "
        "from marts.retention_rates where is_mature and month_end = "
        "(select max(month_end) from marts.retention_rates where is_mature) "
        f"and (retention_dimension = 'all' or customers >= {RATE_CUSTOMERS}) "
        "and retention_value <> '(unknown)' "
        "order by retention_dimension <> 'all', churn_rate desc, dimension, value "
        f"limit {RATES_SHOWN}"
    )
    if not found:
        return []
    return [
        Table(
            [say("Customers"), say("Number"), say("Left"), say("95% interval")],
            [
                cells_of(
                    _who(marts, row),
                    whole(row["customers"]),
                    percent(row["churn_rate"]),
                    say("{} to {}", percent(row["low"]), percent(row["high"])),
                )
                for row in found
            ],
            caption=say(
                "Of customers active at the end of {}, who did not buy within {}: all, and where "
                "most left",
                month(found[0]["month_end"]),
                count(found[0]["horizon_days"], "day"),
            ),
        )
    ]


def _who(marts: Marts, row: Record) -> str:
    """Dimension and value in words; names of stores, channels and quarters as they are."""
    dimension = marts.names("retention_dimension", row["dimension"])
    if row["dimension"] == "all":
        return dimension
    value = row["value"]
    if row["dimension"] in ("rfm_segment", "lifecycle_stage", "value_tier"):
        value = marts.names(row["dimension"], value)
    return say("{}: {}", dimension, value)


def _timing(marts: Marts) -> list[str]:
    """When customers make their last visit more often than visits in general."""
    found = marts.rows(
        "select timing_dimension as dimension, timing_value as value, last_visit_share as share, "
        "visit_share as usual from marts.churn_timing where timing_finding = 'more_often' "
        "order by timing_dimension, sort_order"
    )
    if found:
        return [
            say(
                "Last visits fall more often than others on: {}.",
                clauses(
                    [
                        say(
                            "{} ({} of the last visits, {} of all)",
                            marts.names(row["dimension"], row["value"]),
                            percent(row["share"]),
                            percent(row["usual"]),
                        )
                        for row in found
                    ]
                ),
            )
        ]
    if marts.rows("select 1 as one from marts.churn_timing where last_visits > 0 limit 1"):
        return [say("No season, weekday or holiday has more of the last visits than of all.")]
    return []


def win_back(marts: Marts) -> Section:
    """Whom to ask back, with what, and who must not be."""
    key, title = "win-back", say("Winning customers back")
    found = marts.rows(
        "select win_back_action as action, exclusion_reason as exclusion, count(*) as customers, "
        "sum(expected_value) as expected, count(*) filter (is_held_back) as held_back "
        "from marts.win_back_candidates group by 1, 2 order by 1, 2"
    )
    if not found:
        return no_customers(marts, key, title, say("No customer is dormant or lost."))
    lapsed = sum(row["customers"] for row in found)
    asked = [row for row in found if row["exclusion"] is None]
    excluded = _excluded(marts, found)
    if not asked:
        consent = "consent_unknown"
        if all(row["exclusion"] == consent for row in found):
            return nothing(
                key,
                title,
                say(
                    "Nobody knows which of {} lapsed customers agree to be written to: column "
                    "has_marketing_consent of customers.csv would tell.",
                    whole(lapsed),
                ),
            )
        return Section(
            key,
            title,
            say("None of {} lapsed customers should be asked back now.", whole(lapsed)),
            tables=[excluded],
        )
    candidates = sum(row["customers"] for row in asked)
    expected = sum(row["expected"] for row in asked)
    actions = sorted(asked, key=lambda row: (-row["expected"], row["action"]))
    chart = charts.share_bars(
        [
            {
                "line": marts.names("win_back_action", row["action"]),
                "panel": say("Share of the expected value"),
                "value": float(ratio(row["expected"], expected) or 0),
                "text": percent(ratio(row["expected"], expected)),
                "note": say(
                    "{}: {}, {} expected",
                    marts.names("win_back_action", row["action"]),
                    count(row["customers"], "customer"),
                    whole(row["expected"]),
                ),
            }
            for row in actions
        ],
        colours={marts.names("win_back_action", row["action"]): ACCENT for row in actions},
        lines=[marts.names("win_back_action", row["action"]) for row in actions],
        panels=[say("Share of the expected value")],
        width=320,
    )
    return Section(
        key,
        title,
        say(
            "{} of {} lapsed customers can be asked back; at the rate at which such customers came "
            "back so far they bring {}{} in a year.",
            whole(candidates),
            whole(lapsed),
            whole(expected),
            marts.unit,
        ),
        say(
            "The action follows from the reason for leaving. What is expected is the share of "
            "customers of the same stage and rhythm who came back so far, times what a customer "
            "brings when back; what an action adds shows against those held back."
        ),
        [charts.svg(chart, key=marts.prefix + key, label=say("Expected value by action"))],
        [
            Table(
                [say("Action"), say("Customers"), say("Held back"), say("Expected value")],
                [
                    *(
                        cells_of(
                            marts.names("win_back_action", row["action"]),
                            whole(row["customers"]),
                            whole(row["held_back"]),
                            whole(row["expected"]),
                        )
                        for row in actions
                    ),
                    [
                        Cell(say("All"), mark="total"),
                        *cells_of(
                            whole(candidates),
                            whole(sum(row["held_back"] for row in asked)),
                            whole(expected),
                        ),
                    ],
                ],
            ),
            excluded,
        ],
    )


def _excluded(marts: Marts, found: list[Record]) -> Table:
    """Why the others are not asked back."""
    by_reason: dict[str, int] = {}
    for row in found:
        if row["exclusion"] is not None:
            by_reason[row["exclusion"]] = by_reason.get(row["exclusion"], 0) + row["customers"]
    return Table(
        [say("Why the others are not asked back"), say("Customers")],
        [
            cells_of(marts.names("win_back_exclusion", reason), whole(by_reason[reason]))
            for reason in marts.names.values("win_back_exclusion", by_reason)
        ],
    )
