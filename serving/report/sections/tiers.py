"""What tiers of a loyalty programme bring, and what joining it does."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import amount, percent, ratio, signed, whole
from serving.report.marks import ACCENT
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Section, Table, cells_of, no_customers

_JOINING = ("join_effect", "join_effect_low", "join_effect_high")
NO_MEMBERS = "No loyalty accounts have landed: loyalty/accounts would fill this part."


def tiers(marts: Marts) -> Section:
    """Who is in which tier, and what each brings at its threshold."""
    key, title = "tiers", say("Member tiers")
    found = marts.rows(
        "select coalesce(tier_by_rule, 'left') as tier, count(*) as members, "
        "sum(case when projected_tier is not null then 1 else 0 end) as projected, "
        "sum(case when tier_agreement = 'same' then 1 else 0 end) as agreeing, "
        "sum(case when tier_agreement <> 'not_comparable' then 1 else 0 end) as comparable "
        "from marts.loyalty_tiers group by 1 order by 2 desc, 1"
    )
    if not found:
        return no_customers(marts, key, title, say(NO_MEMBERS))
    effects = marts.rows(
        "select tier, outcome, effect, effect_low, effect_high, naive_difference, bunching, "
        "evidence, effect_reason from marts.loyalty_tier_effects "
        "where outcome = 'net_revenue' order by tier_rank, criterion, tier"
    )
    members = sum(row["members"] for row in found)
    chart = charts.share_bars(
        [
            {
                "line": _name(marts, row["tier"]),
                "panel": say("Members"),
                "value": row["members"] / members,
                "text": whole(row["members"]),
                "note": f"{_name(marts, row['tier'])}: {whole(row['members'])}",
            }
            for row in found
        ],
        colours={_name(marts, row["tier"]): ACCENT for row in found},
        lines=[_name(marts, row["tier"]) for row in found],
        panels=[say("Members")],
        width=240,
        label_width=120,
    )
    agreeing, comparable = (
        sum(row[name] or 0 for row in found) for name in ("agreeing", "comparable")
    )
    told = [row for row in effects if row["evidence"] in ("strong", "weak")]
    headline = (
        say(
            "A tier is seen to change what members spend at {} of {} thresholds",
            *_of(told, effects),
        )
        if told
        else say("No tier is seen to make its {} members spend more", whole(members))
    )
    if comparable:
        headline += say(
            "; the rules give {} the tier that is recorded", percent(ratio(agreeing, comparable))
        )
    how = say(
        "Members just above the threshold at a review are compared with those just below, who are "
        "alike but for the tier. That all members of a tier spend more than those below is how "
        "they got it, and stands beside as the naive difference."
    )
    return Section(
        key,
        title,
        ended(headline),
        how,
        [charts.svg(chart, key=marts.prefix + key, label=say("Members"))],
        [_effects(marts, effects)],
    )


def _of(told: list[Record], effects: list[Record]) -> tuple[str, str]:
    return whole(len(told)), whole(len(effects))


def _name(marts: Marts, tier: str) -> str:
    """A tier has its own name; what is none has that of the list."""
    known = {"any_tier", "left", "not_told", "all_members", "not_a_member"}
    return marts.names("tier_state", tier) if tier in known else tier


def _interval(row: Record, low: str, high: str) -> str:
    if row[low] is None:
        return "–"
    return say("{} to {}", amount(row[low]), amount(row[high]))


def _effects(marts: Marts, effects: list[Record]) -> Table:
    return Table(
        [
            say("Threshold of"),
            say("Effect on revenue"),
            say("90% interval"),
            say("Naive difference"),
            say("Bunching"),
            say("Evidence"),
        ],
        [
            cells_of(
                _name(marts, row["tier"]),
                amount(row["effect"]),
                _interval(row, "effect_low", "effect_high"),
                amount(row["naive_difference"]),
                marts.names("tier_bunching", row["bunching"]),
                marts.names("tier_reason", row["effect_reason"])
                if row["effect_reason"]
                else marts.names("tier_evidence", row["evidence"]),
            )
            for row in effects
        ],
    )


def membership(marts: Marts) -> Section:
    """What joining brings in a month, beside how much more members spend."""
    key, title = "membership", say("What membership brings")
    rows = marts.rows(
        "select tier, customers, open_members, contribution_365d, reward_cost_365d, "
        "contribution_after_rewards_each_365d as each, naive_difference, join_effect, "
        "join_effect_low, join_effect_high, join_placebo_low, join_placebo_high, "
        "join_breakdown_value, join_evidence, join_effect_reason, tier_basis "
        "from marts.loyalty_profitability where tier_basis in ('all', 'recorded') "
        "order by tier_basis, customers desc, tier"
    )
    everyone = next((row for row in rows if row["tier"] == "all_members"), None)
    if everyone is None:
        return no_customers(marts, key, title, say(NO_MEMBERS))
    if everyone["join_effect"] is None:
        headline = marts.names("tier_reason", everyone["join_effect_reason"] or "not_estimated")
    else:
        effect, low, high = (everyone[name] for name in _JOINING)
        headline = say(
            "No effect of joining is seen: {} of revenue a month ({} to {})"
            if low <= 0 <= high
            else "Joining changes revenue by {} a month ({} to {})",
            *map(amount, (effect, low, high)),
        )
    if everyone["naive_difference"] is not None:
        headline += say(
            "; that members spend {} more than others is no effect of membership",
            amount(everyone["naive_difference"]),
        )
    months = marts.rows(
        "select months_from_joining as month, estimate, interval_low as low, "
        "interval_high as high from marts.loyalty_join_effects "
        "where outcome = 'net_revenue' and term = 'month' order by 1"
    )
    tables = [
        Table(
            [
                say("Tier as recorded"),
                say("Customers"),
                say("Contribution"),
                say("Cost of rewards"),
                say("Each, after rewards"),
            ],
            [
                cells_of(
                    _name(marts, row["tier"]),
                    whole(row["customers"]),
                    amount(row["contribution_365d"]),
                    amount(row["reward_cost_365d"]),
                    amount(row["each"]),
                )
                for row in rows
            ],
        )
    ]
    if months:
        tables.append(
            Table(
                [say("Months from joining"), say("Effect on revenue"), say("90% interval")],
                [
                    cells_of(
                        signed(row["month"]), amount(row["estimate"]), _interval(row, "low", "high")
                    )
                    for row in months
                ],
            )
        )
    drawn = [row for row in months if row["low"] is not None]
    figures = []
    if drawn:
        label = say("Effect of joining on revenue, by months from joining")
        chart = charts.intervals(
            [
                {
                    "line": signed(row["month"]),
                    "kind": "effect",
                    "value": row["estimate"],
                    "low": row["low"],
                    "high": row["high"],
                    "text": amount(row["estimate"]),
                    "note": f"{signed(row['month'])}: {amount(row['estimate'])} "
                    f"({_interval(row, 'low', 'high')})",
                }
                for row in drawn
            ],
            colours={"effect": ACCENT},
            lines=[signed(row["month"]) for row in drawn],
            title=label,
            width=360,
            minimum=min(0.0, *(row["low"] for row in drawn)),
            maximum=max(0.0, *(row["high"] for row in drawn)),
            is_share=False,
        )
        figures.append(charts.svg(chart, key=marts.prefix + key, label=label))
    how = say(
        "Customers who joined are compared with customers who joined later, before and after; in "
        "the months before joining there should be no difference."
    )
    return Section(key, title, ended(headline), how, figures, tables)
