"""Which part of the sales the customer figures stand on."""

from __future__ import annotations

from serving.report import charts
from serving.report.formats import count, day, percent, ratio, whole
from serving.report.marts import Marts
from serving.report.sections.parts import Section, no_customers, nothing


def identified_share(marts: Marts) -> Section:
    """How much of the sales carries a known customer, by week."""
    key, title = "identified", "What the customer figures stand on"
    found = marts.rows(
        "select week_start_date as week, sum(baskets) as baskets, "
        "sum(identified_baskets) as identified, sum(net_revenue) as revenue, "
        "sum(identified_net_revenue) as identified_revenue "
        "from marts.identified_sales_share group by week_start_date order by week_start_date"
    )
    baskets = sum(row["baskets"] for row in found)
    if not baskets:
        return no_customers(marts, key, title, "There are no sales yet.")
    identified = sum(row["identified"] for row in found)
    revenue = sum(row["revenue"] for row in found)
    share = ratio(sum(row["identified_revenue"] for row in found), revenue)
    if identified == baskets:
        return Section(
            key,
            title,
            f"All {count(baskets, 'basket')} carry a known customer: the customer figures cover "
            "the whole revenue.",
        )
    if not identified:
        return nothing(
            key,
            title,
            f"Of {count(baskets, 'basket')} not one names a customer, so nothing is told of "
            "customers; customer_id in orders would fill those parts.",
        )
    weeks = [row for row in found if row["baskets"]]
    chart = charts.line_over_time(
        [
            {
                "date": row["week"].isoformat(),
                "value": row["identified"] / row["baskets"],
                "note": f"Week of {day(row['week'])}: {whole(row['identified'])} of "
                f"{count(row['baskets'], 'basket')}",
            }
            for row in weeks
        ],
        width=940,
    )
    return Section(
        key,
        title,
        f"{percent(identified / baskets)} of the baskets and {percent(share)} of the revenue carry "
        "a known customer; every customer figure in this report is about that part.",
        "The line is the share of each week's baskets whose customer is known.",
        [charts.svg(chart, key=key, label="Share of baskets with a known customer by week")],
    )
