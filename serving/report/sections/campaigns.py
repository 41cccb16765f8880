"""What campaigns changed, as far as a comparison tells, and what became of their coupons."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import cents, percent, ratio, whole
from serving.report.marks import ACCENT, MUTED, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers

CAMPAIGNS_SHOWN = 16
TOLD = {"works", "harms", "may_work", "may_harm"}
LOOKS = {"randomised": ACCENT, "strong": ACCENT, "weak": WARM, "none": MUTED}


def effects(marts: Marts) -> Section:
    """What each campaign changed in what customers spend."""
    key, title = "campaigns", say("What campaigns did")
    found = marts.rows(
        "select e.campaign_id, coalesce(c.campaign_name, e.campaign_id) as name, e.scope, "
        "e.estimator, e.customers, e.naive_effect, e.effect, e.interval_low as low, "
        "e.interval_high as high, e.lift, e.lift_low, e.lift_high, e.evidence, "
        "e.recommendation, e.reason "
        "from marts.campaign_effects as e "
        "left join marts.dim_campaigns as c on e.campaign_id = c.campaign_id "
        "where e.outcome = 'revenue' and e.arm = 'all' "
        "order by e.scope desc, e.effect is null, e.customers desc, e.campaign_id"
    )
    if not found:
        return no_customers(
            marts,
            key,
            title,
            say(
                "Nothing is known of campaigns: the files campaigns and campaign_targets would "
                "fill this part."
            ),
        )
    single = [row for row in found if row["scope"] == "campaign"]
    told = [row for row in single if row["recommendation"] in TOLD]
    alone = [row for row in single if row["estimator"] != "randomised"]
    headline = (
        say("{} of {} campaigns changed what customers spend", whole(len(told)), whole(len(single)))
        if told
        else say(
            "No evidence that any of {} campaigns changed what customers spend", whole(len(single))
        )
    )
    if alone:
        headline += say("; {} held nobody back to compare with", whole(len(alone)))
    shown = found[:CAMPAIGNS_SHOWN]
    drawn = [row for row in shown if row["lift"] is not None]
    label = say("Change of what customers spend")
    figures = []
    if drawn:
        low = max(-1.0, min(row["lift_low"] for row in drawn))
        high = min(2.0, max(0.1, *(row["lift_high"] for row in drawn)))
        chart = charts.intervals(
            [
                {
                    "line": _name(row),
                    "kind": row["evidence"],
                    "value": min(max(row["lift"], low), high),
                    "low": max(row["lift_low"], low),
                    "high": min(row["lift_high"], high),
                    "text": percent(row["lift"]),
                    "note": say(
                        "{}: {} ({} to {}) of what would have been spent",
                        _name(row),
                        percent(row["lift"]),
                        percent(row["lift_low"]),
                        percent(row["lift_high"]),
                    ),
                }
                for row in drawn
            ],
            colours=LOOKS,
            lines=list(dict.fromkeys(_name(row) for row in drawn)),
            title=label,
            width=420,
            minimum=min(low, -0.05),
            maximum=high,
        )
        figures.append(charts.svg(chart, key=marts.prefix + key, label=label))
    how = say(
        "A dot is how much more or less customers spent because of the campaign, of what they "
        "would have spent; the line is its 95% interval. Where a group was held back, it is "
        "compared with that; otherwise with others who bought as much in earlier weeks, which "
        "cannot rule out that those chosen differed. Naive is the plain difference between who "
        "was chosen and who was not, and mostly tells whom the campaign chose. Of twenty "
        "randomised campaigns that do nothing one seems to do something."
    )
    table = Table(
        [
            say("Campaign"),
            say("What to do"),
            say("Evidence"),
            say("How it is estimated"),
            say("Chosen"),
            say("Naive difference"),
            say("Change a customer"),
            say("95% interval"),
        ],
        [_cells(marts, row) for row in shown],
        text_columns=4,
    )
    return Section(key, title, ended(headline), how, figures, [table], beside=False)


def _name(row: Record) -> str:
    if row["campaign_id"] == "programme":
        return say("All campaigns")
    return str(row["name"])


def _cells(marts: Marts, row: Record) -> list[Cell]:
    is_told = row["effect"] is not None
    return cells_of(
        _name(row),
        marts.names("campaign_recommendation", row["recommendation"])
        if is_told
        else marts.names("campaign_reason", row["reason"]),
        marts.names("campaign_evidence", row["evidence"]),
        marts.names("campaign_estimator", row["estimator"]),
        whole(row["customers"]),
        cents(row["naive_effect"]),
        cents(row["effect"]),
        say("{} to {}", cents(row["low"]), cents(row["high"])) if is_told else cents(None),
    )


def coupons(marts: Marts) -> Section:
    """Who received, looked at and redeemed coupons and offers."""
    key, title = "coupons", say("Coupons and offers")
    found = marts.rows(
        "select f.campaign_id, coalesce(c.campaign_name, f.campaign_id) as name, "
        "sum(f.received_customers) as received, sum(f.viewed_customers) as viewed, "
        "sum(f.redeemed_customers) as redeemed, sum(f.redemptions) as redemptions, "
        "sum(case when f.redemptions_unseen is not null then f.redemptions end) as seen_known, "
        "sum(f.redemptions_unseen) as unseen, "
        "sum(f.redeemed_unseen_customers) as redeemed_unseen "
        "from marts.coupon_funnel as f "
        "left join marts.dim_campaigns as c on f.campaign_id = c.campaign_id "
        "where f.arm <> 'not_chosen' group by 1, 2 order by received desc, f.campaign_id"
    )
    received = sum(row["received"] for row in found)
    redeemed = sum(row["redeemed"] for row in found)
    if not received or not redeemed:
        return no_customers(
            marts,
            key,
            title,
            say(
                "No coupon or offer of a campaign is on record: the files campaign_targets and "
                "coupon_redemptions would fill this part."
            ),
        )
    headline = say(
        "{} of those who got a coupon or offer redeemed it", percent(ratio(redeemed, received))
    )
    known = sum(row["seen_known"] or 0 for row in found)
    unseen = sum(row["unseen"] or 0 for row in found)
    if known:
        headline += say(
            "; {} of redemptions came before anybody had looked at it",
            percent(ratio(unseen, known)),
        )
    viewed = [row["viewed"] for row in found if row["viewed"] is not None]
    steps = [
        (say("Received"), received),
        *([(say("Looked at"), sum(viewed))] if viewed else []),
        (say("Redeemed"), redeemed),
    ]
    label = say("What became of coupons and offers")
    chart = charts.share_bars(
        [
            {
                "line": name,
                "panel": label,
                "value": ratio(number, received),
                "text": f"{whole(number)} · {percent(ratio(number, received))}",
                "note": f"{name}: {whole(number)}",
            }
            for name, number in steps
        ],
        colours={name: ACCENT for name, _ in steps},
        lines=[name for name, _ in steps],
        panels=[label],
        width=320,
        label_width=110,
    )
    table = Table(
        [
            say("Campaign"),
            say("Received"),
            say("Looked at"),
            say("Redeemed"),
            say("Redeemed unseen"),
        ],
        [
            cells_of(
                str(row["name"]),
                whole(row["received"]),
                whole(row["viewed"]),
                whole(row["redeemed"]),
                whole(row["redeemed_unseen"]),
            )
            for row in found[:CAMPAIGNS_SHOWN]
        ],
    )
    how = say(
        "Received is who was reached by a campaign, once for each campaign. Who redeems without "
        "having looked would mostly have bought anyway."
    )
    return Section(
        key,
        title,
        ended(headline),
        how,
        [charts.svg(chart, key=marts.prefix + key, label=label)],
        [table],
    )
