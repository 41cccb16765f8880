"""What customers brought and are expected to bring."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from serving.language import ended, retell, say
from serving.report import charts
from serving.report.formats import amount, capitalised, count, day, percent, ratio, whole
from serving.report.marks import ACCENT, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import (
    Cell,
    Section,
    Table,
    cells_of,
    downloads,
    no_customers,
)

TENTHS = 10
# First purchases listed from either end.
ENTRIES = 5
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


COSTS = (
    *("cost_of_goods", "channel_cost", "contact_cost", "fulfilment_cost"),
    *("service_cost", "acquisition_cost"),
)
_LADDER = (
    *("gross_sales", "own_discount", "sales_revenue", "returned_amount", "net_revenue"),
    *("uncosted_net_revenue", *COSTS, "contribution_value"),
)


def contribution(marts: Marts) -> Section:
    """What remains of the sales when all that is known is paid, and what more could be."""
    key, title = "contribution", say("What remains of the sales")
    found = _contribution(marts)
    if not found or not found["sales_revenue"]:
        return no_customers(marts, key, title, say("No customer has brought revenue."))
    steps = _steps(marts, found)
    top = steps[0][1]
    chart = charts.ladder(
        [
            {
                "line": name,
                "low": float(low),
                "high": float(high),
                "kind": kind,
                "text": percent(ratio(value, top)) if value >= 0 else whole(value),
                "note": f"{name}: {whole(value)}",
            }
            for name, value, low, high, kind in steps
        ],
        lines=[name for name, *_ in steps],
        colours={"remains": ACCENT, "goes": WARM},
        width=430,
    )
    known = found["basis"] != "revenue"
    if known:
        remains = say("contribution")
    elif found["contribution_value"] == found["net_revenue"]:
        remains = say("net revenue; what it cost is not known")
    else:
        remains = say("net revenue less the costs that are known")
    headline = say(
        "Of {}{} of sales {} remain as {}",
        whole(top),
        marts.unit,
        whole(found["contribution_value"]),
        remains,
    )
    if known and found["losses"]:
        headline += say("; {} cost more than they bring", count(found["losses"], "customer"))
    missing = [
        marts.names("contribution_cost", cost) for cost in COSTS if found[f"missing_{cost}"] > 0
    ]
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Every bar begins where the one before ends; percentages are of the first. What is not "
            "known counts as nothing."
        )
        + (
            say(" Not known, or not of every customer: {}.", ", ".join(missing).lower())
            if missing
            else ""
        ),
        [
            charts.svg(
                chart, key=marts.prefix + key, label=say("From sales to contribution, step by step")
            )
        ],
        [_ladder_table(marts, found), *_potential(marts), *_referrals(marts)],
        beside=True,
    )


def _contribution(marts: Marts) -> Record:
    if not marts.has("customer_contribution"):
        return {}
    sums = ", ".join(
        f"sum({column}{window}) as {column}{window}"
        for column in _LADDER
        for window in ("", "_365d")
    )
    missing = ", ".join(
        f"count(*) filter (where contains(missing_costs, '{cost}')) as missing_{cost}"
        for cost in COSTS
    )
    return marts.row(
        f"select {sums}, {missing}, min(contribution_basis) filter (where contribution_basis = "
        "'revenue') as basis, count(*) as customers, count(gross_sales) as gross_customers, "
        "count(gross_sales_365d) as gross_customers_365d, "
        "count(*) filter (where contribution_value < 0) as losses "
        "from marts.customer_contribution"
    )


def _step_names(marts: Marts) -> dict[str, str]:
    return {
        "gross_sales": say("Sales at shelf price"),
        "own_discount": say("Own discounts"),
        "sales_revenue": say("Sales, discounts off"),
        "returned_amount": say("Given back"),
        "net_revenue": say("Net revenue"),
        "uncosted_net_revenue": say("Sold without a known cost"),
        **{cost: marts.names("contribution_cost", cost) for cost in COSTS},
        "contribution_value": say("Contribution"),
    }


def _steps(marts: Marts, found: Record) -> list[tuple[str, Any, Any, Any, str]]:
    """Name, amount, and where the bar begins and ends; what is nothing has none."""
    names = _step_names(marts)
    begins = "gross_sales" if found["gross_customers"] == found["customers"] else "sales_revenue"
    steps = [(names[begins], found[begins], 0, found[begins], "remains")]
    level = found[begins]
    for column in _LADDER[1 if begins == "gross_sales" else 3 :]:
        value = found[column]
        if column in ("sales_revenue", "gross_sales") or not value:
            continue
        if column == "contribution_value" and level == found["net_revenue"]:
            continue
        if column in ("net_revenue", "contribution_value"):
            steps.append((names[column], value, min(value, 0), max(value, 0), "remains"))
            continue
        steps.append((names[column], value, level - value, level, "goes"))
        level -= value
    return steps


def _ladder_table(marts: Marts, found: Record) -> Table:
    """The same in money, to date and over twelve months."""
    names = _step_names(marts)
    known = {
        window: found[f"gross_customers{window}"] == found["customers"] for window in ("", "_365d")
    }

    def told(column: str, window: str) -> str:
        is_whole = known[window] or column not in ("gross_sales", "own_discount")
        return whole(found[column + window] if is_whole else None)

    return Table(
        [say("Customers"), say("To date"), capitalised(marts.caveats.last_year)],
        [
            [
                Cell(names[column], mark="total" if column == "contribution_value" else ""),
                *cells_of(told(column, ""), told(column, "_365d")),
            ]
            for column in _LADDER
        ],
    )


def _potential(marts: Marts) -> list[Table]:
    """What customers are short of their like."""
    if not marts.has("customer_potential"):
        return []
    found = {
        row["reference_level"]: row
        for row in marts.rows(
            "select reference_level, count(*) as customers, "
            "count(*) filter (where potential_value > 0) as below, "
            "sum(potential_value) as potential, sum(white_space_value) as white_space "
            "from marts.customer_potential where reference_level is not null "
            "group by reference_level"
        )
    }
    if not found:
        return []
    return [
        Table(
            [
                say("Short of the best quarter of like customers, by what they share"),
                say("Customers"),
                say("Below it"),
                say("12 months short"),
                say("Categories not bought"),
            ],
            [
                cells_of(
                    marts.names("reference_level", level),
                    whole(found[level]["customers"]),
                    whole(found[level]["below"]),
                    whole(found[level]["potential"]),
                    whole(found[level]["white_space"]),
                )
                for level in marts.names.values("reference_level", found)
            ],
        )
    ]


def _referrals(marts: Marts) -> list[Table]:
    """What customers brought by bringing others."""
    column = marts.column_or_null("customer_value", "referral_value")
    if column == "null":
        return []
    found = marts.row(
        "select count(*) filter (where referred_customers > 0) as referrers, "
        "sum(referred_customers) as referred, sum(referral_value) as value, "
        "sum(referral_clv_365d) as expected from marts.customer_value"
    )
    if not found["referred"]:
        return []
    return [
        Table(
            [
                say("Referrals"),
                say("Referrers"),
                say("Customers"),
                say("To date"),
                say("12 months"),
            ],
            [
                cells_of(
                    say("Contribution of customers referred"),
                    whole(found["referrers"]),
                    whole(found["referred"]),
                    whole(found["value"]),
                    whole(found["expected"]),
                )
            ],
        )
    ]


def value_retention(marts: Marts) -> Section:
    """Whether the best customers stay, and which first purchases lead to another."""
    key, title = "value-retention", say("Do the best customers stay")
    deciles = (
        marts.rows("select * from marts.value_deciles order by decile")
        if marts.has("value_deciles")
        else []
    )
    entries = _first_purchases(marts)
    if not deciles and not entries:
        return no_customers(
            marts,
            key,
            title,
            say("Sales do not reach back far enough to compare two periods of the same length."),
        )
    best = deciles[0] if deciles else None
    headline = (
        say(
            "Of the best tenth of the customers of {} to {}, {} came back in the period after and "
            "{} are among the best tenth of it",
            day(best["past_start_date"]),
            day(best["next_start_date"] - timedelta(days=1)),
            percent(best["retention_rate"]),
            percent(ratio(best["stayed_customers"], best["customers"])),
        )
        if best
        else say("Sales do not reach back far enough to say whether the best customers stay")
    )
    figures = []
    if len(deciles) == TENTHS:
        stays = {say("Came back"): "#b9c7d4", say("In the same tenth"): ACCENT}
        came, same = stays
        chart = charts.paired_bars(
            [
                {
                    "column": str(row["decile"]),
                    "kind": kind,
                    "value": share,
                    "note": say("Tenth {}: {} {}", row["decile"], percent(share), kind),
                }
                for row in deciles
                for kind, share in (
                    (came, row["retention_rate"]),
                    (same, ratio(row["stayed_customers"], row["customers"])),
                )
            ],
            columns=[str(row["decile"]) for row in deciles],
            colours=stays,
            width=500,
            title=say("Tenth of the customers of the period before, best first"),
        )
        figures.append(
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Share of customers who came back, by tenth of value"),
            )
        )
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Customers are lined up by what they brought in one period and followed through the "
            "next, which is as long; intervals are at 95%. A first purchase is that of a new "
            "customer; only customers whose time is over count, and few customers tell no rate."
        ),
        figures,
        [_decile_table(deciles)] if deciles else [],
        wide_tables=[_first_purchase_table(marts, entries)] if entries else [],
    )


def _decile_table(deciles: list[Record]) -> Table:
    """Where the customers of each tenth went."""
    return Table(
        [
            say("Tenth"),
            say("Customers"),
            say("Came back"),
            say("Same tenth"),
            say("Better"),
            say("Worse"),
            say("Left"),
            say("Revenue before"),
            say("Revenue after"),
        ],
        [
            [
                *cells_of(str(row["decile"]), whole(row["customers"])),
                _rate(row, "retention_rate"),
                *cells_of(
                    whole(row["stayed_customers"]),
                    whole(row["risen_customers"]),
                    whole(row["fallen_customers"]),
                    whole(row["left_customers"]),
                    whole(row["past_revenue"]),
                    whole(row["next_revenue"]),
                ),
            ]
            for row in deciles
        ],
    )


def _rate(row: Record, column: str) -> Cell:
    """A share with its interval."""
    return Cell(
        percent(row[column]), f"{percent(row[f'{column}_low'])}–{percent(row[f'{column}_high'])}"
    )


def _first_purchases(marts: Marts) -> list[Record]:
    """All first orders, and the first categories that lead on most and least often."""
    if not marts.has("first_purchases"):
        return []
    found = marts.rows(
        "select * from marts.first_purchases where not is_suppressed "
        "order by repeat_rate desc, mature_customers desc, entry"
    )
    whole_base = [row for row in found if row["entry_level"] == "all"]
    for level in ("category", "subcategory", "department", "product"):
        rows = [row for row in found if row["entry_level"] == level]
        if rows:
            return whole_base + (
                rows
                if len(rows) <= 2 * ENTRIES
                else [*rows[:ENTRIES], *rows[len(rows) - ENTRIES :]]
            )
    return whole_base


def _first_purchase_table(marts: Marts, entries: list[Record]) -> Table:
    """How often customers of a first purchase buy again, and what they bring in a year."""
    return Table(
        [
            say("In the first order, most often followed by another first"),
            say("New customers"),
            say("Again within {} days", entries[0]["repeat_days"]),
            say("Ever again"),
            say("Orders a year"),
            say("Revenue a year"),
        ],
        [
            [
                Cell(
                    marts.names("entry_level", "all")
                    if row["entry_level"] == "all"
                    else row["entry_name"],
                    mark="total" if row["entry_level"] == "all" else "",
                ),
                Cell(whole(row["new_customers"])),
                _rate(row, "repeat_rate"),
                _rate(row, "ever_repeat_rate"),
                Cell(amount(row["orders_365d"])),
                Cell(amount(row["net_revenue_365d"])),
            ]
            for row in entries
        ],
    )
