"""Where the next unit of money should go, and what each channel's spend brings."""

from __future__ import annotations

from itertools import pairwise

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import count, listed, percent, whole, with_minus
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers

CURVES_SHOWN = 6
SAME_TOTAL, TOTAL = "same_total", "(total)"


def channel_mix(marts: Marts) -> Section:
    """Response curves with today's point and the recommended one, and the budget to act on."""
    key, title = "channel-mix", say("Channel mix")
    found = marts.rows(
        "select *, (ends_on - starts_on + 1) / 30.4375 as months from marts.channel_mix "
        "where segment = 'all' order by scenario, channel_id"
    )
    same = [row for row in found if row["scenario"] == SAME_TOTAL]
    known = [row for row in same if row["spend_today"] is not None]
    if not known:
        return no_customers(
            marts,
            key,
            title,
            say(
                "No money is moved between channels: what was spent on them is not known (the "
                "file channel_costs is missing)."
            ),
        )
    total = next(row for row in known if row["channel_id"] == TOTAL)
    channels = [row for row in known if row["channel_id"] != TOTAL]
    channels.sort(key=lambda row: (-row["spend_today"], row["channel_id"]))
    return Section(
        key,
        title,
        ended(_headline(marts, total, channels)),
        say(
            "A curve is the margin of a month by spend, with its 90% interval; the circle is "
            "today's spend, the diamond the recommended one. Where the curve is flat another unit "
            "brings little. Spend moves to where its next unit brings most, within bounds and by "
            "no more than the largest change at once; a channel is held where a check failed or "
            "the gain may be none."
        ),
        _figures(marts, key, channels),
        [_table(marts, [*channels, total])],
        wide_tables=[_scenarios(marts, found)],
        notes=_notes(marts),
    )


def _headline(marts: Marts, total: Record, channels: list[Record]) -> str:
    more = [row["channel_name"] for row in channels if row["mix_action"] == "increase"]
    less = [row["channel_name"] for row in channels if row["mix_action"] == "decrease"]
    held = [row for row in channels if row["mix_action"] == "hold"]
    if not more and not less:
        if not held:
            return say("Today's spend is where it brings most: nothing is gained by moving it")
        reasons = [row["mix_reason"] for row in held]
        why = max(sorted(set(reasons)), key=reasons.count)
        return say(
            "No money should be moved yet: {} of {} channels are held, most often for: {}",
            whole(len(held)),
            whole(len(channels)),
            marts.names("mix_reason", why).lower(),
        )
    parts = [
        *([say("more on {}", listed(more))] if more else []),
        *([say("less on {}", listed(less))] if less else []),
    ]
    text = say(
        "At today's total, {} brings {}{} more margin ({} to {}) from {} to {}",
        say(" and ").join(parts),
        whole(total["expected_gain"]),
        marts.unit,
        whole(total["expected_gain_low"]),
        whole(total["expected_gain_high"]),
        total["starts_on"],
        total["ends_on"],
    )
    if held:
        text += say("; {} of {} channels are held", whole(len(held)), whole(len(channels)))
    return text


def _figures(marts: Marts, key: str, channels: list[Record]) -> list:
    points: dict[str, list[Record]] = {}
    for row in marts.rows(
        "select channel_id, spend_per_month as spend, margin_per_month as margin, "
        "margin_per_month_low as low, margin_per_month_high as high "
        "from marts.channel_response_curves order by channel_id, curve_step"
    ):
        points.setdefault(row["channel_id"], []).append(row)
    drawn = [row for row in channels if row["channel_id"] in points][:CURVES_SHOWN]
    if not drawn:
        return []
    panels = {}
    for row in drawn:
        curve = [{k: float(v) for k, v in p.items() if k != "channel_id"}
                 for p in points[row["channel_id"]]]  # fmt: skip
        spends = {
            say("Today"): float(row["spend_today"]) / float(row["months"]),
            say("Recommended"): float(row["recommended_spend"]) / float(row["months"]),
        }
        marks = [
            {
                "kind": kind,
                "spend": spend,
                "margin": _between(curve, spend),
                "note": say(
                    "{}, {}: spend {} a month brings {}",
                    row["channel_name"],
                    kind.lower(),
                    whole(spend),
                    whole(_between(curve, spend)),
                ),
            }
            for kind, spend in spends.items()
        ]
        panels[row["channel_name"]] = (curve, marks)
    chart = charts.response_curves(
        panels,
        kinds=(say("Today"), say("Recommended")),
        titles=(say("Spend a month"), say("Margin a month")),
    )
    return [
        charts.svg(chart, key=marts.prefix + key, label=say("Margin of channels by their spend"))
    ]


def _between(curve: list[dict[str, float]], spend: float) -> float:
    """The margin at a spend between two points of the curve."""
    for one, other in pairwise(curve):
        if one["spend"] <= spend <= other["spend"] and other["spend"] > one["spend"]:
            share = (spend - one["spend"]) / (other["spend"] - one["spend"])
            return one["margin"] + share * (other["margin"] - one["margin"])
    return curve[-1]["margin"]


def _table(marts: Marts, rows: list[Record]) -> Table:
    """What to spend on each channel."""
    unit = f", {marts.currency}" if marts.currency else ""

    def line(row: Record) -> list[Cell]:
        is_total = row["channel_id"] == TOTAL
        mark = "total" if is_total else ""
        action = marts.names("mix_action", row["mix_action"])
        change = row["spend_change_share"]
        if row["mix_action"] in ("increase", "decrease") and change is not None:
            action += with_minus(f" ({float(change):+.0%})")
        aside = marts.names("mix_reason", row["mix_reason"]) if row["mix_reason"] else ""
        if not aside and row["is_extrapolated"]:
            aside = say("never spent so far")
        name = say("Total") if is_total else row["channel_name"]
        return [
            Cell(name, mark=mark),
            Cell(action, aside=aside),
            *cells_of(
                whole(row["spend_today"]),
                whole(row["recommended_spend"]),
                _interval(row),
                "–"
                if row["marginal_return"] is None
                else with_minus(f"{float(row['marginal_return']):.2f}"),
            ),
        ]

    return Table(
        [
            say("Same total"),
            say("What to do"),
            say("Today{}", unit),
            say("Recommended"),
            say("Gain (90% interval)"),
            say("Next unit brings"),
        ],
        [line(row) for row in rows],
        text_columns=2,
    )


def _interval(row: Record) -> str:
    if row["expected_gain"] is None or row["mix_action"] in ("hold", "keep"):
        return "–"
    return say(
        "{} ({} to {})",
        whole(row["expected_gain"]),
        whole(row["expected_gain_low"]),
        whole(row["expected_gain_high"]),
    )


def _scenarios(marts: Marts, rows: list[Record]) -> Table:
    """The totals of the three budgets."""
    totals = {row["scenario"]: row for row in rows if row["channel_id"] == TOTAL}
    return Table(
        [
            say("Budget"),
            say("Spend today"),
            say("Spend then"),
            say("Margin"),
            say("Change of margin"),
            say("Not allocated"),
        ],
        [
            cells_of(
                marts.names("mix_scenario", scenario),
                whole(totals[scenario]["spend_today"]),
                whole(totals[scenario]["recommended_spend"]),
                whole(totals[scenario]["expected_margin"]),
                whole(totals[scenario]["margin_change"]),
                whole(totals[scenario]["unallocated_budget"]),
            )
            for scenario in marts.names.values("mix_scenario", totals)
        ],
    )


def _notes(marts: Marts) -> list[str]:
    """What to test next."""
    tests = marts.rows(
        "select * from marts.channel_next_test where test_rank = 1 and information_value > 0"
    )
    if not tests:
        return []
    test = tests[0]
    text = say(
        "Test next: {} ({}), for its return is known least where most hangs on it",
        test["channel_name"],
        marts.names("test_design", test["test_design"]).lower(),
    )
    if test["test_weeks"] is not None:
        text += say(
            "; {} of the customers held back, {}",
            percent(test["holdout_share"]),
            count(test["test_weeks"], "week"),
        )
        if not test["is_detectable"]:
            text += say(", which would still find only effects of {} or more", whole(
                test["detectable_effect"]))  # fmt: skip
    return [ended(text)]
