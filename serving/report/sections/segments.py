"""Segments of customers who shop alike, and how other ways of segmenting differ."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import amount, count, day, listed, percent, ratio, whole
from serving.report.marks import ACCENT, MUTED
from serving.report.marts import Marts, Record
from serving.report.sections.parts import FEW, Cell, Section, Table, joined, no_customers, nothing

NONE = "none"
_BEHAVIOURAL = "behavioural"
_SHARES = (
    *("discount_share", "private_label_share", "fresh_share"),
    *("weekend_share", "evening_share", "online_share"),
)


def behaviour(marts: Marts) -> Section:
    """Who shops alike: share of customers and revenue, and what sets each segment apart."""
    key, title = "behaviour", say("How customers shop")
    found = (
        marts.rows("select * from marts.segment_profiles order by scheme, customers desc, segment")
        if marts.has("segment_profiles")
        else []
    )
    if not found:
        return no_customers(
            marts, key, title, say("Customers have not been put into segments yet.")
        )
    rows = [row for row in found if row["scheme"] == _BEHAVIOURAL]
    named = [row for row in rows if row["segment"] != NONE]
    if not named:
        return nothing(
            key,
            title,
            say("Nobody is in a segment by shopping: {}.", _why_none(marts)),
        )
    rows = [*named, *(row for row in rows if row["segment"] == NONE)]
    names = {row["segment"]: marts.names("behavioural_segment", row["segment"]) for row in rows}
    panels = [say("Share of customers"), say("Share of revenue")]
    chart = charts.share_bars(
        [
            {
                "panel": panel,
                "line": names[row["segment"]],
                "value": share,
                "text": f"{percent(share)} · {whole(row[measure])}",
                "note": say(
                    "{}: {}, net revenue {}",
                    names[row["segment"]],
                    count(row["customers"], "customer"),
                    whole(row["net_revenue"]),
                ),
            }
            for row in rows
            for panel, measure, share in (
                (panels[0], "customers", row["customer_share"]),
                (panels[1], "net_revenue", row["revenue_share"] or 0.0),
            )
        ],
        colours={
            names[row["segment"]]: MUTED if row["segment"] == NONE else ACCENT for row in rows
        },
        lines=[names[row["segment"]] for row in rows],
        panels=panels,
        width=355,
    )
    inside = sum(row["customers"] for row in named)
    everybody = sum(row["customers"] for row in rows)
    told = [
        say("{} ({})", names[row["segment"]], percent(ratio(row["customers"], inside)))
        for row in named
    ]
    headline = say(
        "Of {} with enough orders, by how they shop: {}", count(inside, "customer"), listed(told)
    )
    if inside < everybody:
        headline += say("; {} have no segment", percent(ratio(everybody - inside, everybody)))
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Customers in a segment shop alike and unlike all others; its name says what sets it "
            "apart. Values of customers with few orders are drawn to the base's, so that nobody is "
            "in a segment by chance. "
        )
        + _stability(marts),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Customers and revenue by segment of shopping"),
            )
        ],
        wide_tables=[
            _profiles(marts, marts.names("segment_scheme", scheme), vocabulary, of_scheme)
            for scheme, vocabulary in (
                (_BEHAVIOURAL, "behavioural_segment"),
                ("benefit", "benefit_segment"),
                ("demographic", "demographic_segment"),
                ("loyalty", "loyalty_segment"),
            )
            if len(of_scheme := [row for row in found if row["scheme"] == scheme]) > 1
        ],
        caveat=joined(marts.caveats.few, marts.caveats.customers),
    )


def _why_none(marts: Marts) -> str:
    """The reason of most of those who bought."""
    found = marts.rows(
        "select behavioural_reason as reason from marts.customer_segments "
        "where behavioural_reason is not null group by 1 "
        "order by behavioural_reason = 'no_purchases', count(*) desc, 1 limit 1"
    )
    reason = found[0]["reason"] if found else "not_run"
    return marts.names("segment_reason", reason).lower()


def _stability(marts: Marts) -> str:
    """Whether the segments hold, as the newest run found."""
    found = marts.rows("select * from marts.segment_stability order by as_of_date desc limit 1")
    if not found or found[0]["jaccard_least"] is None:
        return ""
    run = found[0]
    texts = [
        say(
            "In samples of the customers the segments come back with an overlap of {} or more "
            "(1: always the same customers).",
            f"{run['jaccard_least']:.2f}",
        )
    ]
    if run["moved_share"] is not None:
        texts.append(
            say(
                "Since {}, {} of the customers changed their segment.",
                day(run["moved_since_date"]),
                percent(run["moved_share"]),
            )
        )
    if run["is_refitted"]:
        texts.append(say("The segments of the run before no longer held, and were found anew."))
    return " ".join(texts)


def _profiles(marts: Marts, title: str, vocabulary: str, rows: list[Record]) -> Table:
    by_segment = {row["segment"]: row for row in rows}
    return Table(
        [
            title,
            say("Set apart by"),
            say("Leans to"),
            say("Customers"),
            say("Revenue"),
            say("Order"),
            say("Expected value each"),
            say("Churn"),
            say("Digital"),
        ],
        [
            [
                Cell(marts.names(vocabulary, segment)),
                _apart(marts, row),
                Cell(row["leaning_category"] if _is_enough(row) else "–"),
                Cell(whole(row["customers"])),
                Cell(_share(row["revenue_share"])),
                Cell(_amount(row["average_order_value"])),
                Cell(_amount(row["average_clv_365d"])),
                Cell(_share(row["p_churn"])),
                Cell(_share(row["online_order_share"])),
            ]
            for segment in marts.names.values(vocabulary, by_segment)
            for row in (by_segment[segment],)
        ],
        text_columns=3,
    )


def _is_enough(row: Record) -> bool:
    return row["leaning_category"] is not None and row["customers"] >= FEW


def _apart(marts: Marts, row: Record) -> Cell:
    """What sets a segment apart, in it and among all others."""
    feature = row["apart_feature"]
    if feature is None:
        return Cell(marts.names("segment_reason", row["apart_reason"] or "nothing_apart"))
    form = percent if feature in _SHARES else amount
    return Cell(
        marts.names("segment_feature", feature),
        aside=say("{} against {}", form(row["apart_mean"]), form(row["apart_others_mean"])),
    )


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _amount(value: float | None) -> str:
    return "–" if value is None else amount(value)
