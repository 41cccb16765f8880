"""RFM segments and grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from serving.report import charts
from serving.report.formats import count, day, listed, percent, points, ratio, whole
from serving.report.labels import MUTED, SEGMENT_COLOURS
from serving.report.marts import Marts, Record
from serving.report.sections.parts import FEW, Section, joined, no_customers


def rfm_segments(marts: Marts) -> Section:
    """Share of customers and of revenue by RFM segment."""
    key, title = "segments", "RFM segments"
    found = marts.rows(
        "select segment, segment_rank, segment_label_en as en, segment_label_zh as zh, "
        "count(*) as customers, coalesce(sum(monetary_value), 0) as revenue "
        "from marts.customer_rfm where segment <> 'prospects' "
        "group by segment, segment_rank, segment_label_en, segment_label_zh order by segment_rank"
    )
    customers = sum(row["customers"] for row in found)
    revenue = sum(row["revenue"] for row in found)
    if not revenue:
        return no_customers(marts, key, title, "Nobody has bought in the window that RFM looks at.")
    colours = {
        f"{row['en']} {row['zh']}": SEGMENT_COLOURS.get(row["segment"], MUTED) for row in found
    }
    chart = charts.share_bars(
        [
            {
                "panel": panel,
                "line": f"{row['en']} {row['zh']}",
                "value": ratio(row[measure], total),
                "text": f"{percent(ratio(row[measure], total))} · {whole(row[measure])}",
                "note": f"{row['en']}: {count(row['customers'], 'customer')}, "
                f"revenue {whole(row['revenue'])}, per customer "
                f"{whole(row['revenue'] / row['customers'])}",
            }
            for row in found
            for panel, measure, total in (
                ("Share of customers", "customers", customers),
                ("Share of revenue", "revenue", revenue),
            )
        ],
        colours=colours,
        lines=list(colours),
        panels=["Share of customers", "Share of revenue"],
        width=355,
    )
    top: list[Record] = []
    for row in sorted(found, key=lambda row: (-row["revenue"], row["segment_rank"])):
        top.append(row)
        if sum(row["revenue"] for row in top) >= revenue / 2:
            break
    names = listed([row["en"] if i == 0 else row["en"].lower() for i, row in enumerate(top)])
    return Section(
        key,
        title,
        f"{names}: {percent(ratio(sum(row['customers'] for row in top), customers))} of the "
        f"customers bring {percent(ratio(sum(row['revenue'] for row in top), revenue))} of the "
        "revenue.",
        "Segments follow from how recently, how often and for how much a customer bought within "
        "the window. Where the right bar is longer than the left one, a customer is worth more "
        "than the average.",
        [charts.svg(chart, key=key, label="Customers and revenue by RFM segment")],
        caveat=joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def rfm_grid(marts: Marts) -> Section:
    """Recency by frequency: customers, revenue, and the prediction against what came true."""
    key, title = "rfm-grid", "RFM grid"
    found = marts.rows("select * from marts.rfm_heatmap order by recency_band, frequency_band")
    now = [row for row in found if row["snapshot"] == "current"]
    customers = sum(row["customers"] for row in now)
    revenue = sum(row["net_revenue"] for row in now)
    if not customers:
        return no_customers(marts, key, title, "Nobody has bought yet, so the grid is empty.")

    def grid(rows: list[Record], title: str, values: Callable[[Record], dict[str, Any]]) -> Any:
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
            column_title="Frequency, 5 most often",
            line_title="Recency, 5 most recent",
            top_axis=False,
            scale_min=min([*shades, 0.5]) if "again" in title else 0.0,
            scale_max=max(shades, default=1.0),
        )

    def where(row: Record) -> str:
        return f"Recency {row['recency_band']}, frequency {row['frequency_band']}"

    panels = [
        grid(
            now,
            "Customers",
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
            "Revenue",
            lambda row: {
                "shade": ratio(row["net_revenue"], revenue) if row["customers"] else None,
                "kind": "",
                "text": percent(ratio(row["net_revenue"], revenue)) if row["customers"] else "",
                "small": _thousands(row["net_revenue"]) if row["customers"] else "",
                "note": f"{where(row)}: revenue {whole(row['net_revenue'])}",
            },
        ),
    ]
    headline = _best_cell(now, customers, revenue)
    how = (
        "Scores 1 to 5 are fifths of the base, equal customers in one. Customers and revenue: now. "
    )
    held = [row for row in found if row["snapshot"] == "holdout"]
    judged = [row for row in held if row["predicted_purchase_rate"] is not None]
    if any(row["customers"] for row in held):
        horizon = held[0]["horizon_days"]
        panels.append(
            grid(
                held,
                f"Bought again within {horizon} days",
                lambda row: {
                    "shade": row["actual_purchase_rate"],
                    "text": percent(row["actual_purchase_rate"]) if row["customers"] else "",
                    "small": percent(row["predicted_purchase_rate"])
                    if row["predicted_purchase_rate"] is not None
                    else "",
                    "note": f"{where(row)}: {count(row['customers'], 'customer')}, "
                    f"{percent(row['actual_purchase_rate'])} bought again, predicted "
                    f"{percent(row['predicted_purchase_rate'])}",
                },
            )
        )
        how += (
            f"Bought again: the same grid as of {day(held[0]['snapshot_date'])}; in large print "
            f"what happened in the {horizon} days after"
            + (", in small print what the model had predicted" if judged else "")
            + f". Pale cells hold fewer than {FEW} customers."
        )
    if judged:
        weight = sum(row["predicted_customers"] for row in judged)
        gap = sum(
            row["predicted_customers"]
            * abs(row["predicted_purchase_rate"] - row["actual_purchase_rate"])
            for row in judged
        )
        headline += (
            "; predictions of who buys again are off by "
            f"{points(gap / weight)} on average over the cells"
        )
    return Section(
        key,
        title,
        headline + ".",
        how,
        [
            charts.svg(
                charts.side_by_side(*panels, spacing=30),
                key=key,
                label="RFM grid: customers, revenue, and purchases predicted and actual",
            )
        ],
        caveat=joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def _best_cell(cells: Sequence[Record], customers: int, revenue: Any) -> str:
    """What the best cell brings, or else the one that brings most."""

    def brings(row: Record) -> str:
        return (
            f"{percent(ratio(row['customers'], customers))} of all, "
            f"{'brings' if row['customers'] == 1 else 'bring'} "
            f"{percent(ratio(row['net_revenue'], revenue))} of the revenue"
        )

    top = next(row for row in cells if row["recency_band"] == 5 and row["frequency_band"] == 5)
    if top["customers"]:
        who = f"The {count(top['customers'], 'customer')} who bought most recently and most often"
        return f"{who}, {brings(top)}"
    if sum(1 for row in cells if row["customers"]) == 1:
        who = "The only customer is" if customers == 1 else f"All {whole(customers)} customers are"
        return f"{who} in one cell, so that the grid tells nobody apart yet"
    most = max(cells, key=lambda row: (row["net_revenue"], row["customers"]))
    return (
        f"{count(most['customers'], 'customer')} with recency {most['recency_band']} and frequency "
        f"{most['frequency_band']}, {brings(most)}; no cell brings more"
    )


def _thousands(value: Any) -> str:
    return f"{float(value) / 1000:,.0f}k" if value >= 10_000 else whole(value)
