"""How demand follows prices, and which customers watch them."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import count, percent, ratio, whole, with_minus
from serving.report.marks import ACCENT, MUTED, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers, nothing

ITEMS_SHOWN = 12
BAND = "price_sensitivity_band"
BAND_LOOKS = {"high": WARM, "medium": MUTED, "low": ACCENT}


def elasticities(marts: Marts) -> Section:
    """What a price ten per cent higher costs in units, where that is known."""
    key, title = "prices", say("Prices")
    found = marts.rows(
        "select item_level, item, coalesce(product_name, item) as name, category, net_revenue, "
        "price_elasticity as elasticity, price_elasticity_low as low, "
        "price_elasticity_high as high, units_change_dearer as change, "
        "units_change_dearer_low as change_low, units_change_dearer_high as change_high, "
        "price_elasticity_evidence as evidence, price_elasticity_reason as reason, "
        "is_price_elasticity_published as is_published, price_changes "
        "from marts.price_elasticity order by net_revenue desc, item_level, item"
    )
    if not found:
        thin = say(
            "No product was sold in enough stores and weeks to tell how sales follow prices."
        )
        if marts.caveats.sales_days is None:
            return no_customers(marts, key, title, thin)
        return nothing(key, title, thin)
    known = [row for row in found if row["is_published"]]
    if not known:
        return Section(
            key,
            title,
            say("Prices changed too little or too much at once to tell how sales follow them."),
            tables=[_untold(marts, found)],
        )
    shown = known[:ITEMS_SHOWN]
    names = {_key(row): _name(row) for row in shown}
    chart = charts.intervals(
        [
            {
                "line": names[_key(row)],
                "kind": row["item_level"],
                "value": -row["change"],
                "low": max(0.0, -row["change_high"]),
                "high": min(1.0, -row["change_low"]),
                "text": percent(-row["change"]),
                "note": say(
                    "{}: elasticity {} ({} to {})",
                    names[_key(row)],
                    *(with_minus(f"{row[end]:.2f}") for end in ("elasticity", "low", "high")),
                ),
            }
            for row in shown
        ],
        colours={"category": WARM, "product": ACCENT},
        lines=list(names.values()),
        title=say("Units lost at a price 10% higher"),
        width=440,
        maximum=_round_up(max(-row["change_low"] for row in shown)),
    )
    most = shown[0]
    headline = say(
        "A price 10% higher takes {} off the units of {} ({} to {}); so much is known of {} of {} "
        "products and categories",
        percent(-most["change"]),
        _name(most),
        percent(-most["change_high"]),
        percent(-most["change_low"]),
        whole(len(known)),
        whole(len(found)),
    )
    how = say(
        "A dot is the part of the units that is lost when the price of a product rises by 10% and "
        "those of its category stay (blue), or when all prices of a category rise (orange); the "
        "line is its 95% interval. Products are compared with others of the category in the same "
        "store and week, categories with other stores in the same week, so that a promotion in a "
        "strong week is not taken for its effect."
    )
    return Section(
        key,
        title,
        ended(headline),
        how,
        [charts.svg(chart, key=marts.prefix + key, label=say("Units lost at a price 10% higher"))],
        [_table(marts, shown), _untold(marts, found)],
    )


def _key(row: Record) -> tuple[str, str]:
    return row["item_level"], row["item"]


def _name(row: Record) -> str:
    """A category's name; of a product what it is called, and in which category.

    Many a product's name begins with that of its category.
    """
    if row["item_level"] == "category":
        return say("{}, all", row["item"])
    category, name = str(row["category"]), str(row["name"])
    return name if name.casefold().startswith(category.casefold()) else f"{category} · {name}"


def _round_up(value: float) -> float:
    """The next quarter, so that an axis ends where it has a label."""
    return next((end for end in (0.25, 0.5, 0.75) if value <= end), 1.0)


def _table(marts: Marts, rows: list[Record]) -> Table:
    """Elasticities with their interval and how they are known."""
    return Table(
        [say("Best sold, published"), say("Elasticity"), say("95% interval"), say("Evidence")],
        [
            cells_of(
                _name(row),
                with_minus(f"{row['elasticity']:.2f}"),
                with_minus(say("{} to {}", f"{row['low']:.2f}", f"{row['high']:.2f}")),
                marts.names("price_evidence", row["evidence"]),
            )
            for row in rows
        ],
    )


def _untold(marts: Marts, rows: list[Record]) -> Table:
    """Why nothing is published, by reason."""
    by_reason: dict[str, int] = {}
    for row in rows:
        if row["reason"]:
            by_reason[row["reason"]] = by_reason.get(row["reason"], 0) + 1
    return Table(
        [say("Why the others are not told"), say("Products and categories")],
        [
            cells_of(marts.names("price_reason", reason), whole(by_reason[reason]))
            for reason in marts.names.values("price_reason", by_reason)
        ],
    )


def sensitivity(marts: Marts) -> Section:
    """Who buys what is marked down, private label and cheaper than others pay."""
    key, title = "price-sensitivity", say("Price sensitivity of customers")
    found = {
        row["band"]: row
        for row in marts.rows(
            f"select {BAND} as band, count(*) as customers, "
            "avg(markdown_share) as markdown, avg(private_label_share) as private_label, "
            "avg(price_index) as price_index "
            f"from marts.customer_price_sensitivity where {BAND} is not null "
            "group by 1 order by 1"
        )
    }
    if not found:
        return no_customers(
            marts, key, title, say("No customer's purchases tell how they react to prices.")
        )
    bands = marts.names.values(BAND, found)
    customers = sum(row["customers"] for row in found.values())
    measures = {
        say("Spend on what is marked down"): "markdown",
        say("Spend on private label"): "private_label",
    }
    known = {
        name: column
        for name, column in measures.items()
        if any(row[column] is not None for row in found.values())
    }
    looks = {marts.names(BAND, band): BAND_LOOKS.get(band, MUTED) for band in bands}
    figures = []
    if known:
        chart = charts.share_bars(
            [
                {
                    "line": marts.names(BAND, band),
                    "panel": name,
                    "value": found[band][column] or 0.0,
                    "text": percent(found[band][column]),
                    "note": f"{marts.names(BAND, band)}: {name} {percent(found[band][column])}",
                }
                for name, column in known.items()
                for band in bands
            ],
            colours=looks,
            lines=list(looks),
            panels=list(known),
            width=240,
            label_width=90,
        )
        figures.append(
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Shares of spend by price sensitivity"),
            )
        )
    top = found[bands[0]]
    headline = say(
        "{} are the most price sensitive of {} whose purchases tell",
        count(top["customers"], "customer"),
        whole(customers),
    )
    if top["markdown"] is not None:
        headline += say(
            "; {} of what they spend is on what is marked down", percent(top["markdown"])
        )
    table = Table(
        [
            say("Sensitivity"),
            say("Customers"),
            say("Share"),
            say("Marked down"),
            say("Private label"),
            say("Price index"),
        ],
        [
            [
                Cell(marts.names(BAND, band), colour=BAND_LOOKS.get(band, MUTED)),
                *cells_of(
                    whole(found[band]["customers"]),
                    percent(ratio(found[band]["customers"], customers)),
                    percent(found[band]["markdown"]),
                    percent(found[band]["private_label"]),
                    _index(found[band]["price_index"]),
                ),
            ]
            for band in bands
        ],
    )
    how = say(
        "Customers are ranked by the share of their spend that is marked down, by that on private "
        "label, and by what they pay against the mean of all who bought the same product in the "
        "week (price index, 1 is the mean); the mean rank makes the bands. Shares of few purchases "
        "are drawn towards those of all."
    )
    return Section(key, title, ended(headline), how, figures, [table], beside=False)


def _index(value: float | None) -> str:
    return percent(None) if value is None else f"{value:.3f}"
