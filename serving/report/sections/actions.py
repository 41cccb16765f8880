"""What to do about customers next, and what actions have changed."""

from __future__ import annotations

from markupsafe import Markup

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import amount, percent, ratio, whole
from serving.report.marks import ACCENT
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Section, Table, cells_of, no_customers


def next_actions(marts: Marts) -> Section:
    """How many customers each action is for, and what it is expected to add."""
    key, title = "next_actions", say("What to do next")
    if not marts.has("customer_next_actions"):
        return no_customers(marts, key, title, say("Actions are not in what is published."))
    found = marts.rows(
        "select action, min(basis) as basis, count(*) as eligible, "
        "count(suppressed_reason) as suppressed, "
        "sum(case when is_next_action and (is_holdout or is_control) then 1 else 0 end) as held, "
        "sum(case when is_to_be_done then 1 else 0 end) as customers, "
        "sum(case when is_to_be_done then expected_incremental_contribution end) as added, "
        "sum(case when is_to_be_done then cost_amount end) as cost "
        "from marts.customer_next_actions where basis <> 'reference' group by action "
        "order by customers desc, action"
    )
    if not found:
        return no_customers(marts, key, title, say("There is nothing to be done about anybody."))
    reasons = marts.rows(
        "select suppressed_reason as reason, count(distinct customer_id) as customers "
        "from marts.customer_next_actions where suppressed_reason is not null "
        "group by 1 order by 2 desc, 1"
    )
    customers = sum(row["customers"] for row in found)
    if customers:
        first = found[0]
        headline = say(
            "There is something to do about {} customers, most often: {}",
            whole(customers),
            marts.names("action", first["action"]),
        )
    else:
        headline = say("Nobody may or should be contacted now")
    if reasons:
        headline += say(
            "; what keeps most back: {} ({} customers)",
            marts.names("action_suppression", reasons[0]["reason"]),
            whole(reasons[0]["customers"]),
        )
    names = {row["action"]: marts.names("action", row["action"]) for row in found}
    figures = []
    if customers:
        chart = charts.share_bars(
            [
                {
                    "line": names[row["action"]],
                    "panel": say("To be done"),
                    "value": ratio(row["customers"], customers) or 0.0,
                    "text": whole(row["customers"]),
                    "note": f"{names[row['action']]}: {whole(row['customers'])}",
                }
                for row in found
            ],
            colours=dict.fromkeys(names.values(), ACCENT),
            lines=list(names.values()),
            panels=[say("To be done")],
            width=240,
            label_width=190,
        )
        figures.append(charts.svg(chart, key=marts.prefix + key, label=say("To be done")))
    table = Table(
        [
            say("Action"),
            say("Basis"),
            say("Eligible"),
            say("Kept back by rules"),
            say("Held back by lot"),
            say("To be done"),
            say("Expected to add"),
            say("Costs"),
        ],
        [
            cells_of(
                names[row["action"]],
                marts.names("action_basis", row["basis"]),
                whole(row["eligible"]),
                whole(row["suppressed"]),
                whole(row["held"]),
                whole(row["customers"]),
                amount(row["added"]),
                amount(row["cost"]),
            )
            for row in found
        ],
        text_columns=2,
    )
    how = say(
        "A customer has one next action: the one that is expected to add most where a log with a "
        "group held back by lot tells it, else the first of the rules, which nobody has tested. "
        "Lists for campaign tools: see docs/actions.md"
    )
    return Section(key, title, ended(headline), how, figures, wide_tables=[table])


def action_effects(marts: Marts) -> Section:
    """What actions changed, what to keep, and what ranking is worth."""
    key, title = "action_effects", say("What actions change")
    nothing_logged = say(
        "Nothing is known of what actions change: marketing/action_log would fill this part, "
        "and what was exported does once its window is over."
    )
    if not marts.has("action_effects"):
        return no_customers(marts, key, title, nothing_logged)
    rows = marts.rows(
        "select action, outcome, measured_treated, measured_control, effect, interval_low, "
        "interval_high, detectable_effect, cost, crossover_share, sample_ratio, decision, "
        "decision_reason, effect_reason from marts.action_effects "
        "where treated_decisions + control_decisions > 0 and outcome = case "
        "when (select count(effect) from marts.action_effects where outcome = 'contribution') > 0 "
        "then 'contribution' else 'revenue' end order by action"
    )
    if not rows:
        return no_customers(marts, key, title, nothing_logged)
    kept = [row for row in rows if row["decision"] == "keep"]
    headline = say("{} of {} actions bring more than they cost", whole(len(kept)), whole(len(rows)))
    policies = marts.rows(
        "select action, policy, acted_share, value, value_low, value_high, ranking_gain, "
        "ranking_gain_low, ranking_gain_high from marts.action_policy_values "
        "order by case action when 'all_actions' then 1 else 2 end, action, policy"
    )
    scope = policies[0]["action"] if policies else None
    policies = [row for row in policies if row["action"] == scope]
    riskiest = next((row for row in policies if row["policy"] == "riskiest_first"), None)
    if riskiest is not None:
        gain, low, high = (riskiest[f"ranking_gain{end}"] for end in ("", "_low", "_high"))
        headline += say(
            "; ranking by what they add is worth {} a decision more than the riskiest first "
            "({} to {})",
            amount(gain),
            amount(low),
            amount(high),
        )
    tables = [
        Table(
            [
                say("Action"),
                say("Decided for"),
                say("Held back by lot"),
                say("Effect each"),
                say("90% interval"),
                say("Could be found"),
                say("Costs each"),
                say("Decision"),
            ],
            [
                cells_of(
                    marts.names("action", row["action"]),
                    whole(row["measured_treated"]),
                    whole(row["measured_control"]),
                    amount(row["effect"]),
                    _interval(row, "interval_low", "interval_high"),
                    amount(row["detectable_effect"]),
                    amount(row["cost"]),
                    _decision(marts, row),
                )
                for row in rows
            ],
        )
    ]
    if policies:
        tables.append(
            Table(
                [
                    say("Who is acted on"),
                    say("Share"),
                    say("Worth a decision"),
                    say("90% interval"),
                    say("Ranking is worth more by"),
                    say("90% interval"),
                ],
                [
                    cells_of(
                        marts.names("action_policy", row["policy"]),
                        percent(row["acted_share"]),
                        amount(row["value"]),
                        _interval(row, "value_low", "value_high"),
                        amount(row["ranking_gain"]),
                        _interval(row, "ranking_gain_low", "ranking_gain_high"),
                    )
                    for row in policies
                ],
            )
        )
    how = say(
        "Customers for whom an action was decided are compared with those whom a lot held back, "
        "done or not, over the same days, less what their purchases before explain."
    )
    return Section(key, title, ended(headline), how, _drawn(marts, key, rows), wide_tables=tables)


def _drawn(marts: Marts, key: str, rows: list[Record]) -> list[Markup]:
    """Effects with their intervals, where there are any."""
    told = [row for row in rows if row["effect"] is not None]
    if not told:
        return []
    label = say("Effect each")
    names = [marts.names("action", row["action"]) for row in told]
    chart = charts.intervals(
        [
            {
                "line": name,
                "kind": "effect",
                "value": row["effect"],
                "low": row["interval_low"],
                "high": row["interval_high"],
                "text": amount(row["effect"]),
                "note": f"{name}: {amount(row['effect'])} "
                f"({_interval(row, 'interval_low', 'interval_high')})",
            }
            for name, row in zip(names, told, strict=True)
        ],
        colours={"effect": ACCENT},
        lines=names,
        title=label,
        width=360,
        minimum=min(0.0, *(row["interval_low"] for row in told)),
        maximum=max(0.0, *(row["interval_high"] for row in told)),
        is_share=False,
    )
    return [charts.svg(chart, key=marts.prefix + key, label=label)]


def _interval(row: Record, low: str, high: str) -> str:
    if row[low] is None:
        return "–"
    return say("{} to {}", amount(row[low]), amount(row[high]))


def _decision(marts: Marts, row: Record) -> str:
    decision = marts.names("action_decision", row["decision"])
    if row["decision_reason"] is None:
        return decision
    return f"{decision}: {marts.names('action_effect_reason', row['decision_reason'])}"
