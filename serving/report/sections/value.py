"""What customers brought and are expected to bring."""

from __future__ import annotations

from typing import Any

from serving.language import ended, retell, say
from serving.report import charts
from serving.report.formats import amount, percent, ratio, whole
from serving.report.marks import ACCENT
from serving.report.marts import Marts
from serving.report.sections.parts import Section, Table, cells_of, downloads, no_customers

TENTHS = 10
# Prospects have no place among tenths of customers, nor has who gave everything back.
_HAS_BOUGHT = "(valid_order_count > 0 or clv_365d is not null)"


def value_distribution(marts: Marts) -> Section:
    """How unequal customers are in what they brought and in what they are expected to bring."""
    key, title = "value", say("Value of the base")
    totals = marts.row(
        "select count(*) as customers, sum(clv_365d) as year, sum(clv_lifetime) as lifetime, "
        f"max(clv_basis) as basis from marts.customer_value where {_HAS_BOUGHT}"
    )
    expected_name = say("Expected {}, next 12 months", basis_name(marts, totals["basis"]))
    measures = {
        name: (shares, colour, total)
        for name, column, colour in (
            (expected_name, "clv_365d", ACCENT),
            (say("Net revenue, {}", marts.caveats.last_year), "net_revenue_365d", "#b9c7d4"),
        )
        for shares, total in [_by_tenth(marts, column)]
        if total > 0
    }
    if not measures:
        return no_customers(
            marts, key, title, say("No customer has brought revenue or is expected to.")
        )
    customers = totals["customers"]
    is_expected = expected_name in measures
    shares, _, total = next(iter(measures.values()))

    figures = []
    if customers >= TENTHS:
        chart = charts.paired_bars(
            [
                {
                    "column": str(tenth),
                    "kind": kind,
                    "value": share,
                    "note": say("Tenth {}: {} of the total · {}", tenth, percent(share), kind),
                }
                for kind, (by_tenth, _, _) in measures.items()
                for tenth, share in by_tenth.items()
            ],
            columns=[str(tenth) for tenth in range(1, TENTHS + 1)],
            colours={kind: colour for kind, (_, colour, _) in measures.items()},
            width=500,
            title=say("Tenth of the customers, best first"),
        )
        figures.append(
            charts.svg(
                chart, key=marts.prefix + key, label=say("Share of value by tenth of customers")
            )
        )

    if is_expected:
        headline = say(
            "Customers are expected to bring {}{} of {} in the next twelve months",
            whole(total),
            marts.unit,
            basis_name(marts, totals["basis"]),
        )
        if customers >= TENTHS:
            headline += say(", {} of it from the best tenth", percent(shares[1]))
    else:
        headline = say(
            "The base brought {}{} in {}", whole(total), marts.unit, _the_last_year(marts)
        )
        if customers >= TENTHS:
            headline += say(", {} of it from the best tenth of customers", percent(shares[1]))
        headline += (
            say("; there are no scores, so nothing is said about the future")
            if totals["year"] is None
            else say("; {} is expected in the next twelve", whole(totals["year"]))
        )
    how = []
    if figures:
        how.append(
            say(
                "Customers are lined up by value and cut into ten groups of equal size; a bar is "
                "a group's share of the total. In a base of equal customers all bars would stand "
                "at 10%."
            )
        )
    if is_expected:
        how.append(
            say("Expected value is discounted to today; its basis is ")
            + say(
                "contribution, what remains of net revenue after the cost of goods, as most of the "
                "revenue has known costs."
                if totals["basis"] == "contribution"
                else "net revenue, as costs are not known for enough of it."
            )
            + say(
                " A lifetime {}; no back-test reaches so far{}.", _ends(marts), _why_lifetime(marts)
            )
        )
    return Section(
        key,
        title,
        ended(headline),
        " ".join(how),
        figures,
        [_value_tiers(marts, total), _outlook(marts)] if is_expected else [],
        beside=True,
        downloads=downloads(marts, {"top_value": say("Best tenth by expected value")}),
        caveat=marts.caveats.value,
    )


def lifetime_years(marts: Marts) -> str:
    """After how many years a lifetime ends; empty if it is not known."""
    column = marts.column_or_null("customer_value", "lifetime_years")
    years = marts.value(f"select max({column}) from marts.customer_value")
    return f"{years:g}" if years else ""


def _why_lifetime(marts: Marts) -> str:
    """Why there is none, or on how little history it stands."""
    column = marts.column_or_null("customer_value", "lifetime_reason")
    reason = marts.value(f"select max({column}) from marts.customer_value")
    return say(" ({})", retell(reason)) if reason else ""


def _ends(marts: Marts) -> str:
    years = lifetime_years(marts)
    return say("ends after {} years", years) if years else say("is cut off after some years")


def _the_last_year(marts: Marts) -> str:
    return marts.caveats.last_year if marts.caveats.is_short else say("the last twelve months")


def basis_name(marts: Marts, basis: str | None) -> str:
    """What expected value is counted in."""
    return marts.names("clv_basis", basis or "revenue").lower()


def _value_tiers(marts: Marts, total: Any) -> Table:
    """What the tiers are worth over twelve months and a lifetime."""
    tiers = {
        row["value_tier"]: row
        for row in marts.rows(
            "select value_tier, count(*) as customers, sum(clv_365d) as value, "
            "sum(clv_lifetime) as lifetime "
            f"from marts.customer_value where {_HAS_BOUGHT} "
            "group by value_tier order by value_tier"
        )
    }
    return Table(
        [
            say("Tier"),
            say("Customers"),
            say("12 months"),
            say("Share"),
            say("Each"),
            say("{}, untested", _lifetime(marts)),
        ],
        [
            cells_of(
                marts.names("value_tier", tier),
                whole(tiers[tier]["customers"]),
                whole(tiers[tier]["value"]),
                percent(ratio(tiers[tier]["value"], total)),
                amount(ratio(tiers[tier]["value"], tiers[tier]["customers"])),
                whole(tiers[tier]["lifetime"]),
            )
            for tier in marts.names.values("value_tier", tiers)
        ],
    )


def _lifetime(marts: Marts) -> str:
    years = lifetime_years(marts)
    return say("{} years", years) if years else say("Lifetime")


def _outlook(marts: Marts) -> Table:
    """What all customers together are expected to do, before any discount."""
    days = (30, 90, 365)
    sums = marts.row(
        "select "
        + ", ".join(
            f"fsum(expected_purchases_{n}d) as purchases_{n}, sum(expected_spend_{n}d) as spend_{n}"
            for n in days
        )
        + " from marts.customer_value"
    )
    return Table(
        [say("All customers, not discounted"), *(say("{} days", n) for n in days)],
        [
            cells_of(name, *(whole(sums[f"{measure}_{n}"]) for n in days))
            for name, measure in (
                (say("Expected purchases"), "purchases"),
                (say("Expected net revenue"), "spend"),
            )
        ],
    )


def _by_tenth(marts: Marts, measure: str) -> tuple[dict[int, float], Any]:
    """Share of the total by tenth of the customers with a value, best first; and the total."""
    if not marts.has("value_tenths"):
        return {}, 0
    found = marts.rows(
        "select tenth, amount, amount_share from marts.value_tenths where measure = $measure "
        "order by tenth",
        measure=measure,
    )
    total = sum(row["amount"] for row in found)
    return {row["tenth"]: row["amount_share"] or 0.0 for row in found}, total
