"""RFM segments and grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from serving.language import ended, is_chinese, say
from serving.report import charts
from serving.report.formats import count, day, listed, percent, points, ratio, whole
from serving.report.marks import MUTED, SEGMENT_COLOURS
from serving.report.marts import Marts, Record
from serving.report.sections.parts import FEW, Section, downloads, joined, no_customers


def rfm_segments(marts: Marts) -> Section:
    """Share of customers and of revenue by RFM segment."""
    key, title = "segments", say("RFM segments")
    label = "segment_label_zh" if is_chinese() else "segment_label_en"
    found = marts.rows(
        f"select segment, segment_rank, {label} as name, "
        "count(*) as customers, coalesce(sum(monetary_value), 0) as revenue "
        "from marts.customer_rfm where segment <> 'prospects' "
        "group by 1, 2, 3 order by segment_rank"
    )
    customers = sum(row["customers"] for row in found)
    revenue = sum(row["revenue"] for row in found)
    if not revenue:
        return no_customers(
            marts, key, title, say("Nobody has bought in the window that RFM looks at.")
        )
    colours = {row["name"]: SEGMENT_COLOURS.get(row["segment"], MUTED) for row in found}
    chart = charts.share_bars(
        [
            {
                "panel": panel,
                "line": row["name"],
                "value": ratio(row[measure], total),
                "text": f"{percent(ratio(row[measure], total))} · {whole(row[measure])}",
                "note": say(
                    "{}: {}, revenue {}, per customer {}",
                    row["name"],
                    count(row["customers"], "customer"),
                    whole(row["revenue"]),
                    whole(row["revenue"] / row["customers"]),
                ),
            }
            for row in found
            for panel, measure, total in (
                (say("Share of customers"), "customers", customers),
                (say("Share of revenue"), "revenue", revenue),
            )
        ],
        colours=colours,
        lines=list(colours),
        panels=[say("Share of customers"), say("Share of revenue")],
        width=355,
    )
    top: list[Record] = []
    for row in sorted(found, key=lambda row: (-row["revenue"], row["segment_rank"])):
        top.append(row)
        if sum(row["revenue"] for row in top) >= revenue / 2:
            break
    names = listed([row["name"] if i == 0 else row["name"].lower() for i, row in enumerate(top)])
    return Section(
        key,
        title,
        say(
            "{}: {} of the customers bring {} of the revenue.",
            names,
            percent(ratio(sum(row["customers"] for row in top), customers)),
            percent(ratio(sum(row["revenue"] for row in top), revenue)),
        ),
        say(
            "Segments follow from how recently, how often and for how much a customer bought "
            "within the window. Where the right bar is longer than the left one, a customer is "
            "worth more than the average."
        ),
        [
            charts.svg(
                chart, key=marts.prefix + key, label=say("Customers and revenue by RFM segment")
            )
        ],
        downloads=downloads(marts, {f"segment_{row['segment']}": row["name"] for row in found}),
        caveat=joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def rfm_grid(marts: Marts) -> Section:
    """Recency by frequency: customers, revenue, and the prediction against what came true."""
    key, title = "rfm-grid", say("RFM grid")
    found = marts.rows("select * from marts.rfm_heatmap order by recency_band, frequency_band")
    now = [row for row in found if row["snapshot"] == "current"]
    customers = sum(row["customers"] for row in now)
    revenue = sum(row["net_revenue"] for row in now)
    if not customers:
        return no_customers(marts, key, title, say("Nobody has bought yet, so the grid is empty."))

    def grid(
        rows: list[Record],
        title: str,
        values: Callable[[Record], dict[str, Any]],
        *,
        bought_again: bool = False,
    ) -> Any:
        cells = [
            {
                "column": str(row["frequency_band"]),
                "line": str(row["recency_band"]),
                "kind": "faint" if 0 < row["customers"] < FEW else "",
                "shade": None,
                "text": "",
                "small": "",
                **values(row),
            }
            for row in rows
        ]
        shades = [cell["shade"] for cell in cells if cell["shade"] is not None]
        return charts.heat_map(
            cells,
            columns=list("12345"),
            lines=list("54321"),
            cell=(54, 46),
            title=title,
            column_title=say("Frequency, 5 most often"),
            line_title=say("Recency, 5 most recent"),
            top_axis=False,
            scale_min=min([*shades, 0.5]) if bought_again else 0.0,
            scale_max=max(shades, default=1.0),
        )

    def where(row: Record) -> str:
        return say("Recency {}, frequency {}", row["recency_band"], row["frequency_band"])

    panels = [
        grid(
            now,
            say("Customers"),
            lambda row: {
                "shade": ratio(row["customers"], customers) if row["customers"] else None,
                "kind": "",
                "text": whole(row["customers"]) if row["customers"] else "",
                "small": percent(ratio(row["customers"], customers)) if row["customers"] else "",
                "note": f"{where(row)}: {count(row['customers'], 'customer')}",
            },
        ),
        grid(
            now,
            say("Revenue"),
            lambda row: {
                "shade": ratio(row["net_revenue"], revenue) if row["customers"] else None,
                "kind": "",
                "text": percent(ratio(row["net_revenue"], revenue)) if row["customers"] else "",
                "small": _thousands(row["net_revenue"]) if row["customers"] else "",
                "note": say("{}: revenue {}", where(row), whole(row["net_revenue"])),
            },
        ),
    ]
    headline = _best_cell(now, customers, revenue)
    how = say(
        "Scores 1 to 5 are fifths of the base, equal customers in one. Customers and revenue: now. "
    )
    held = [row for row in found if row["snapshot"] == "holdout"]
    judged = [row for row in held if row["predicted_purchase_rate"] is not None]
    if any(row["customers"] for row in held):
        horizon = held[0]["horizon_days"]
        panels.append(
            grid(
                held,
                say("Bought again within {} days", horizon),
                lambda row: {
                    "shade": row["actual_purchase_rate"],
                    "text": percent(row["actual_purchase_rate"]) if row["customers"] else "",
                    "small": percent(row["predicted_purchase_rate"])
                    if row["predicted_purchase_rate"] is not None
                    else "",
                    "note": say(
                        "{}: {}, {} bought again, predicted {}",
                        where(row),
                        count(row["customers"], "customer"),
                        percent(row["actual_purchase_rate"]),
                        percent(row["predicted_purchase_rate"]),
                    ),
                },
            )
        )
        how += (
            say(
                "Bought again: the same grid as of {}; in large print what happened in the {} "
                "days after",
                day(held[0]["snapshot_date"]),
                horizon,
            )
            + (say(", in small print what the model had predicted") if judged else "")
            + say(". Pale cells hold fewer than {} customers.", FEW)
        )
    # A file published earlier does not tell it.
    gap = held[0].get("mean_prediction_gap") if judged else None
    if gap is not None:
        headline += say(
            "; predictions of who buys again are off by {} on average over the cells",
            points(gap),
        )
    return Section(
        key,
        title,
        ended(headline),
        how,
        [
            charts.svg(
                charts.side_by_side(*panels, spacing=30),
                key=marts.prefix + key,
                label=say("RFM grid: customers, revenue, and purchases predicted and actual"),
            )
        ],
        caveat=joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def _best_cell(cells: Sequence[Record], customers: int, revenue: Any) -> str:
    """What the best cell brings, or else the one that brings most."""

    def brings(row: Record) -> str:
        return say(
            "{} of all, {} {} of the revenue",
            percent(ratio(row["customers"], customers)),
            "brings" if row["customers"] == 1 else "bring",
            percent(ratio(row["net_revenue"], revenue)),
        )

    top = next(row for row in cells if row["recency_band"] == 5 and row["frequency_band"] == 5)
    if top["customers"]:
        who = say(
            "The {} who bought most recently and most often", count(top["customers"], "customer")
        )
        return say("{}, {}", who, brings(top))
    if sum(1 for row in cells if row["customers"]) == 1:
        who = (
            say("The only customer is")
            if customers == 1
            else say("All {} customers are", whole(customers))
        )
        return say("{} in one cell, so that the grid tells nobody apart yet", who)
    most = max(cells, key=lambda row: (row["net_revenue"], row["customers"]))
    return say(
        "{} with recency {} and frequency {}, {}; no cell brings more",
        count(most["customers"], "customer"),
        most["recency_band"],
        most["frequency_band"],
        brings(most),
    )


def _thousands(value: Any) -> str:
    return f"{float(value) / 1000:,.0f}k" if value >= 10_000 else whole(value)
