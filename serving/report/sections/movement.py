"""Why revenue moved, and between which categories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from serving.language import clauses, ended, is_chinese, say
from serving.report import charts
from serving.report.formats import (
    MISSING,
    cents,
    count,
    day,
    listed,
    month,
    percent,
    short_month,
    whole,
    with_minus,
)
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

GRAIN, COMPARISON, DRIVER = "movement_grain", "movement_comparison", "movement_driver"
UNKNOWN_CATEGORY = "(unknown)"
CATEGORIES_SHOWN = 10
# In the order of a stack; what is sold without a customer is one part of it.
DRIVER_COLOURS: dict[str, str] = {
    "customers": "#1f5f8b",
    "orders_per_customer": "#79b1d6",
    "units_per_order": "#3a9c8c",
    "price_per_unit": "#e9b44c",
    "anonymous": "#9aa4af",
    "given_back": "#c8643c",
}
PART_COLOURS: dict[str, str] = {
    "new_change": "#3a9c8c",
    "returned_change": "#8e78bd",
    "more_change": "#1f5f8b",
    "less_change": "#79b1d6",
    "switched_change": "#e9b44c",
    "lost_change": "#c8643c",
    "anonymous_change": "#9aa4af",
}


def movement(marts: Marts) -> Section:
    """What drove the change of revenue, month by month, and how much of it is like for like."""
    key, title = "movement", say("Why revenue moved")
    newest = _newest(marts)
    if not newest:
        return no_customers(marts, key, title, _nothing_to_compare(marts))
    pair = _shown(newest)
    found = marts.rows(
        "select period_start, branch, driver, driver_rank, level, level_base, contribution, "
        "contribution_to_growth from marts.revenue_tree where scope = 'all' "
        "and period_grain = $grain and comparison = $comparison order by period_start, driver_rank",
        grain=pair["period_grain"],
        comparison=pair["comparison"],
    )
    now = [row for row in found if row["period_start"] == pair["period_start"]]
    names = {kind: _kind_name(marts, kind) for kind in DRIVER_COLOURS}
    kinds = {
        kind: colour
        for kind, colour in DRIVER_COLOURS.items()
        if any(_kind(r) == kind for r in found)
    }
    starts = sorted({row["period_start"] for row in found})[-MONTHS_SHOWN:]
    periods = {start: _axis_name(pair["period_grain"], start) for start in starts}
    sums: dict[tuple[date, str], Any] = {}
    for row in found:
        where = (row["period_start"], _kind(row))
        sums[where] = sums.get(where, 0) + row["contribution"]
    chart = charts.stacked_over_time(
        [
            {
                "period": periods[start],
                "kind": names[kind],
                "value": float(sums[start, kind]),
                "note": f"{periods[start]}: {names[kind]} {_plus(sums[start, kind])}",
            }
            for start in starts
            for kind in kinds
            if (start, kind) in sums
        ],
        list(periods.values()),
        {names[kind]: colour for kind, colour in kinds.items()},
        title=say("Change of net revenue{}", f", {marts.currency}" if marts.currency else ""),
        width=940,
        legend=True,
    )
    told = {
        kind: sums[pair["period_start"], kind]
        for kind in kinds
        if sums.get((pair["period_start"], kind))
    }
    largest = sorted(told, key=lambda kind: -abs(told[kind]))[:3]
    headline = say(
        "{} brought {}{}, {} against {}",
        _name(pair),
        whole(pair["net_revenue"]),
        marts.unit,
        _growth(pair),
        _base_name(pair),
    )
    if largest:
        headline += say(
            ", above all by {}",
            listed([f"{names[kind].lower()} ({_plus(told[kind])})" for kind in largest]),
        )
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Revenue of known customers is customers x orders per customer x units per order x "
            "price per unit. A bar is what the change of each brought, averaged over all orders in "
            "which they could have changed one after another; the parts add up to the change of "
            "revenue, to the cent. Price holds what is in the basket as well as what it costs."
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Change of net revenue by what drove it"),
            )
        ],
        [_drivers(marts, now, pair), _like_for_like(marts, newest)],
    )


def category_moves(marts: Marts) -> Section:
    """What categories gained and lost, from whom, and what customers switched between them."""
    key, title = "category-moves", say("Gains and losses of categories")
    newest = _newest(marts)
    if not newest:
        return no_customers(marts, key, title, _nothing_to_compare(marts))
    pair = _shown(newest)
    found = marts.rows(
        "select * from marts.category_gain_loss where period_grain = $grain "
        "and comparison = $comparison and period_start = $start "
        "order by abs(revenue_change) desc, category",
        grain=pair["period_grain"],
        comparison=pair["comparison"],
        start=pair["period_start"],
    )
    named = [row for row in found if row["category"] != UNKNOWN_CATEGORY]
    if not named:
        return nothing(
            key,
            title,
            say("No product that sold has a category; category in products would fill this part."),
        )
    parts = {
        column: (name, PART_COLOURS[column])
        for column, name in (
            ("new_change", say("New")),
            ("returned_change", say("Came back")),
            ("more_change", say("Bought more")),
            ("less_change", say("Bought less")),
            ("switched_change", say("Switched")),
            ("lost_change", say("Stayed away")),
            ("anonymous_change", say("Anonymous")),
        )
        if any(row[column] for row in found)
    }
    shown = named[:CATEGORIES_SHOWN]
    chart = charts.stacked_lines(
        [
            {
                "line": row["category"],
                "kind": name,
                "value": float(row[column]),
                "note": f"{row['category']}: {name} {_plus(row[column])}",
            }
            for row in shown
            for column, (name, _) in parts.items()
        ],
        lines=[row["category"] for row in shown],
        colours=dict(parts.values()),
        width=640,
        title=say("Change of net revenue{}", f", {marts.currency}" if marts.currency else ""),
    )

    def line(name: str, rows: list[Record], **style: str) -> list[Cell]:
        return [
            Cell(name, **style),
            *cells_of(
                *(_plus(sum(row[column] for row in rows)) for column in parts),
                _plus(sum(row["revenue_change"] for row in rows)),
            ),
        ]

    others = [row for row in found if row not in shown]
    table = Table(
        [say("Category"), *(name for name, _ in parts.values()), say("Change")],
        [
            *(line(row["category"], [row]) for row in shown),
            *([line(say("{} others", whole(len(others))), others)] if others else []),
            line(say("Total"), found, mark="total"),
        ],
    )
    best = max(named, key=lambda row: row["revenue_change"])
    worst = min(named, key=lambda row: row["revenue_change"])
    moved = sum(row["switched_in"] for row in found)
    headline = clauses(
        [
            say(
                "{} gained most against {}: {}{}",
                best["category"],
                _base_name(pair),
                _plus(best["revenue_change"]),
                marts.unit,
            )
            if best["revenue_change"] > 0
            else "",
            say(
                "{} lost most: {}",
                worst["category"],
                _plus(worst["revenue_change"]),
            )
            if worst["revenue_change"] < 0
            else "",
            say("customers who stayed moved {} between categories", whole(moved)) if moved else "",
        ]
    )
    return Section(
        key,
        title,
        ended(headline or say("No category changed")),
        say(
            "{} against {}. Switched is what customers who bought in both spent less on some "
            "categories and more on others; it adds up to zero. Only the rest, the change of their "
            "total, is bought more or less. Stayed away are those who bought then and not now, for "
            "good or for a while.",
            _name(pair),
            _base_name(pair),
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Change of net revenue by category and kind of customer"),
            )
        ],
        wide_tables=[table],
        caveat=say("many customers who seem new had bought before the data begin")
        if pair["is_left_censored"]
        else "",
    )


def _newest(marts: Marts) -> list[Record]:
    """The newest complete pair of each grain and comparison."""
    if not marts.has("movement_periods"):
        return []
    found = marts.rows(
        "select * from marts.movement_periods where recency_rank = 1 and is_complete "
        "and (net_revenue <> 0 or net_revenue_base <> 0)"
    )
    grains = marts.names.values(GRAIN, {row["period_grain"] for row in found})
    comparisons = marts.names.values(COMPARISON, {row["comparison"] for row in found})
    return sorted(
        found,
        key=lambda row: (
            grains.index(row["period_grain"]),
            comparisons.index(row["comparison"]),
        ),
    )


def _shown(newest: list[Record]) -> Record:
    """A month against that of a year ago, whose season is the same; else what there is."""
    of_months = [row for row in newest if row["period_grain"] == "month"] or newest
    return next((row for row in of_months if row["comparison"] == "year_ago"), of_months[0])


def _nothing_to_compare(marts: Marts) -> str:
    """Why no two periods can be compared."""
    reasons = (
        marts.rows(
            "select distinct incomplete_reason as reason from marts.movement_periods "
            "where incomplete_reason is not null order by 1"
        )
        if marts.has("movement_periods")
        else []
    )
    told = [marts.names.within("incomplete_reason", row["reason"]) for row in reasons]
    return ended(
        say("No two whole periods can be compared") + (say(": {}", clauses(told)) if told else "")
    )


def _drivers(marts: Marts, rows: list[Record], pair: Record) -> Table:
    return Table(
        [
            "",
            say("Driver"),
            _base_name(pair, short=True),
            _name(pair, short=True),
            say("Brought"),
            say("Points of growth"),
        ],
        [
            *(
                cells_of(
                    marts.names("movement_branch", row["branch"]),
                    marts.names(DRIVER, row["driver"]),
                    _level(row["level_base"]),
                    _level(row["level"]),
                    _plus(row["contribution"]),
                    _points(row["contribution_to_growth"]),
                )
                for row in rows
            ),
            [
                Cell(say("Net revenue"), mark="total"),
                *cells_of(
                    "",
                    cents(pair["net_revenue_base"]),
                    cents(pair["net_revenue"]),
                    _plus(pair["revenue_change"]),
                    _points(pair["growth"]),
                ),
            ],
        ],
        text_columns=2,
    )


def _like_for_like(marts: Marts, newest: list[Record]) -> Table:
    """Growth of all, of comparable stores and of comparable customers."""
    found = {
        (row["period_grain"], row["comparison"], row["period_start"], row["basis"]): row
        for row in marts.rows("select * from marts.like_for_like")
    }
    bases = marts.names.values("like_for_like_basis", {basis for *_, basis in found})

    def told(pair: Record, basis: str) -> Cell:
        where = (pair["period_grain"], pair["comparison"], pair["period_start"], basis)
        row = found.get(where)
        if not row or row["growth"] is None:
            return Cell(MISSING)
        aside = ""
        if row["members"] is not None:
            noun = "store" if basis == "stores" else "customer"
            aside = say(
                "{}, {} of revenue", count(row["members"], noun), percent(row["revenue_share"])
            )
        return Cell(_points(row["growth"]), aside=aside)

    return Table(
        [
            say("Growth, like for like"),
            say("Against"),
            *(marts.names("like_for_like_basis", basis) for basis in bases),
        ],
        [
            [
                *cells_of(_name(pair, short=True), _base_name(pair, short=True)),
                *(told(pair, basis) for basis in bases),
            ]
            for pair in newest
        ],
        text_columns=2,
        caption=say("Growth of what was there in both periods"),
    )


def _kind(row: Mapping[str, Any]) -> str:
    return "anonymous" if row["branch"] == "anonymous" else str(row["driver"])


def _kind_name(marts: Marts, kind: str) -> str:
    if kind == "anonymous":
        return marts.names("movement_branch", kind)
    return marts.names(DRIVER, kind)


def _axis_name(grain: str, start: date) -> str:
    return (
        short_month(start)
        if grain == "month"
        else _quarter(start)
        if grain == "quarter"
        else (day(start))
    )


def _quarter(start: date) -> str:
    number = (start.month + 2) // 3
    return f"{start.year}年第{number}季度" if is_chinese() else f"Q{number} {start.year}"


def _span(grain: str, start: date, end: date, short: bool) -> str:
    if grain == "month":
        return short_month(start) if short else month(start)
    if grain == "quarter":
        return _quarter(start)
    if grain == "twelve_months":
        return say("Twelve months to {}", short_month(end))
    return say("{} to {}", day(start), day(end))


def _name(pair: Record, *, short: bool = False) -> str:
    return _span(pair["period_grain"], pair["period_start"], pair["period_last_day"], short)


def _base_name(pair: Record, *, short: bool = False) -> str:
    return _span(pair["period_grain"], pair["base_start"], pair["base_last_day"], short)


def _growth(pair: Record) -> str:
    return _plus(pair["revenue_change"]) if pair["growth"] is None else _points(pair["growth"])


def _points(value: float | None) -> str:
    """0.0925 as +9.2%."""
    if value is None:
        return MISSING
    rounded = round(100 * float(value), 1)
    return with_minus(f"{rounded:+.1f}%") if rounded else "0.0%"


def _plus(value: Any) -> str:
    """1234.5 as +1,235, with a minus sign if it is less than nothing."""
    text = whole(abs(value))
    return text if text == "0" else f"{'+' if value > 0 else '−'}{text}"


def _level(value: float | None) -> str:
    """2061.0 as 2,061 and 12.363 as 12.4."""
    if value is None:
        return MISSING
    text = whole(value) if abs(value) >= 1000 or value == int(value) else f"{value:,.3g}"
    return with_minus(text)
