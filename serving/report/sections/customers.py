"""Which part of the sales the customer figures stand on."""

from __future__ import annotations

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import (
    cents,
    count,
    day,
    listed,
    month,
    percent,
    ratio,
    short_month,
    whole,
)
from serving.report.marks import ACCENT, WARM, stage_colour
from serving.report.marts import Marts, Record
from serving.report.sections.parts import (
    MONTHS_SHOWN,
    Cell,
    Section,
    Table,
    cells_of,
    no_customers,
    nothing,
)


def revenue(marts: Marts) -> Section:
    """What first purchases, returning and anonymous customers brought, by month."""
    key, title = "revenue", say("First purchases and returning customers")
    found = (
        marts.rows("select * from marts.monthly_revenue order by order_month")
        if marts.has("monthly_revenue")
        else []
    )
    if not any(row["net_revenue"] or row["valid_orders"] for row in found):
        return no_customers(marts, key, title, say("There is no revenue by month to show."))
    parts = {
        column: (name, colour)
        for column, name, colour in (
            ("returning_revenue", say("Returning customers"), ACCENT),
            ("first_time_revenue", say("First purchases"), stage_colour("new")),
            ("anonymous_revenue", say("Anonymous"), "#b9c7d4"),
            ("given_back_revenue", say("Given back"), WARM),
        )
        if any(row[column] for row in found)
    }
    shown = found[-MONTHS_SHOWN:]
    names = {row["order_month"]: short_month(row["order_month"]) for row in shown}
    chart = charts.stacked_over_time(
        [
            {
                "period": names[row["order_month"]],
                "kind": name,
                "value": float(row[column]),
                "note": f"{month(row['order_month'])}: {name} {whole(row[column])}",
            }
            for row in shown
            for column, (name, _) in parts.items()
        ],
        list(names.values()),
        dict(parts.values()),
        title=say("Net revenue{}", f", {marts.currency}" if marts.currency else ""),
        width=940,
        legend=True,
    )

    def line(name: str, rows: list[Record], **style: str) -> list[Cell]:
        return [
            Cell(name, **style),
            *cells_of(
                *(cents(sum(row[column] for row in rows)) for column in parts),
                cents(sum(row["net_revenue"] for row in rows)),
                whole(sum(row["first_time_customers"] for row in rows)),
            ),
        ]

    earlier = found[: -len(shown)]
    table = Table(
        [
            say("Month"),
            *(name for name, _ in parts.values()),
            say("Net revenue"),
            say("New customers"),
        ],
        [
            *([line(say("Before"), earlier)] if earlier else []),
            *(
                line(names[row["order_month"]] + ("" if row["is_complete"] else " †"), [row])
                for row in shown
            ),
            line(say("Total"), found, mark="total"),
        ],
    )
    censored = max((row["order_month"] for row in shown if row["is_left_censored"]), default=None)
    whole_months = [row for row in found if row["is_complete"]]
    last = whole_months[-1] if whole_months else found[-1]
    headline = say(
        "{} brought {}{} of net revenue",
        month(last["order_month"]),
        whole(last["net_revenue"]),
        marts.unit,
    )
    told = [
        f"{percent(ratio(last[column], last['net_revenue']))} {name.lower()}"
        for column, (name, _) in parts.items()
        if last["net_revenue"] > 0 and column != "given_back_revenue"
    ]
    if told:
        headline += say(": {}", listed(told))
    return Section(
        key,
        title,
        ended(headline),
        say(
            "A first purchase is that of a customer whom nobody knew before the data begin; all "
            "others of known customers are returning. The parts of a month add up to its net "
            "revenue, to the cent."
        )
        + (
            say(" † The month was not observed as a whole.")
            if any(not row["is_complete"] for row in shown)
            else ""
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Net revenue by month and kind of customer"),
            )
        ],
        [table],
        caveat=say(
            "up to {} many first purchases are only the first that the data hold", month(censored)
        )
        if censored
        else "",
    )


def identified_share(marts: Marts) -> Section:
    """How much of the sales carries a known customer, by week."""
    key, title = "identified", say("What the customer figures stand on")
    found = marts.rows(
        "select week_start_date as week, sum(baskets) as baskets, "
        "sum(identified_baskets) as identified, sum(net_revenue) as revenue, "
        "sum(identified_net_revenue) as identified_revenue "
        "from marts.identified_sales_share group by week_start_date order by week_start_date"
    )
    baskets = sum(row["baskets"] for row in found)
    if not baskets:
        return no_customers(marts, key, title, say("There are no sales yet."))
    identified = sum(row["identified"] for row in found)
    revenue = sum(row["revenue"] for row in found)
    share = ratio(sum(row["identified_revenue"] for row in found), revenue)
    if identified == baskets:
        return Section(
            key,
            title,
            say(
                "All {} carry a known customer: the customer figures cover the whole revenue.",
                count(baskets, "basket"),
            ),
        )
    if not identified:
        return nothing(
            key,
            title,
            say(
                "Of {} not one names a customer, so nothing is told of customers; customer_id in "
                "orders would fill those parts.",
                count(baskets, "basket"),
            ),
        )
    weeks = [row for row in found if row["baskets"]]
    chart = charts.line_over_time(
        [
            {
                "date": row["week"].isoformat(),
                "value": row["identified"] / row["baskets"],
                "note": say(
                    "Week of {}: {} of {}",
                    day(row["week"]),
                    whole(row["identified"]),
                    count(row["baskets"], "basket"),
                ),
            }
            for row in weeks
        ],
        width=940,
    )
    return Section(
        key,
        title,
        say(
            "{} of the baskets and {} of the revenue carry a known customer; every customer "
            "figure in this report is about that part.",
            percent(identified / baskets),
            percent(share),
        ),
        say("The line is the share of each week's baskets whose customer is known."),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Share of baskets with a known customer by week"),
            )
        ],
    )
