"""The page: header, key figures and sections, put together in one HTML file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from serving.report import labels
from serving.report.formats import MISSING, cents, count, day, month, percent, ratio, whole
from serving.report.marts import Marts
from serving.report.sections import GROUPS
from serving.report.sections.parts import Section
from serving.report.sections.value import lifetime_years

_TEMPLATE = "page.html.jinja"
_IN_BRIEF = (
    "lifecycle",
    "segments",
    "value",
    "churn",
    "calibration",
    "channels",
    "accounting",
    "warnings",
)


@dataclass(frozen=True)
class KeyFigure:
    """A number at the top of the page."""

    key: str
    name: str
    text: str
    detail: str = ""
    caveat: str = ""
    """Why to take the number with care."""
    mark: str = ""
    """``bad`` or empty."""


def render_report(database: Path, output: Path, *, title: str = "Customer lifecycle") -> Path:
    """Render the marts of a database as one self-contained HTML file.

    The page needs no network and no script, and is the same, byte for byte, for the same marts.

    Args:
        database: a DuckDB file with schema ``marts``: the published file or the warehouse. It is
            opened read-only and closed again.
        output: the HTML file; replaced as a whole, its folder made if need be.
        title: heading of the page.

    Returns:
        ``output``.

    Raises:
        duckdb.IOException: the database is missing or another process writes to it.
        duckdb.CatalogException: a mart is missing.
    """
    connection = duckdb.connect(str(database), read_only=True)
    try:
        page = _page(Marts(connection), title)
    finally:
        connection.close()
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.new")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(output)
    return output


def _page(marts: Marts, title: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    groups = [(name, [build(marts) for build in builders]) for name, builders in GROUPS]
    by_key = {section.key: section for _, members in groups for section in members}
    as_of = marts.as_of_date()
    return environment.get_template(_TEMPLATE).render(
        title=title,
        as_of=f"As of {day(as_of)}" if as_of else "Nothing has landed",
        facts=_facts(marts),
        key_figures=_key_figures(marts, as_of),
        in_brief=_in_brief([by_key[key] for key in _IN_BRIEF]),
        groups=groups,
        stages=labels.STAGES,
        lifetime_years=lifetime_years(marts),
    )


def _in_brief(chosen: list[Section]) -> list[Section]:
    """Without those that say again what another one said: nothing has landed for them."""
    told: dict[str, Section] = {}
    for section in chosen:
        told.setdefault(section.headline, section)
    return list(told.values())


def _span(first: date | None, last: date | None) -> str:
    if first is None:
        return "none"
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def _facts(marts: Marts) -> list[tuple[str, str | Markup]]:
    """What the header says about the data."""
    span = marts.row(
        "select min(order_date) as first, max(order_date) as last from marts.fct_orders "
        "where is_valid_order"
    )
    facts: list[tuple[str, str | Markup]] = [("Sales", _span(span["first"], span["last"]))]
    sources = marts.rows(
        "select distinct landed_from as source from marts.landing_reconciliation "
        "where landed_rows > 0 order by landed_from"
    )
    if sources:
        facts.append(("Source", _sources([str(row["source"]) for row in sources])))
    if marts.has("publish_log"):
        versions = marts.rows(
            "select version, checks_passed, checks_warned from marts.publish_log "
            "order by version desc limit 1"
        )
        for row in versions:
            text = escape(
                f"version {row['version']}, {count(row['checks_passed'], 'check')} passed"
            )
            if row["checks_warned"]:
                text += Markup(', <a class="caveat" href="#warnings">{} warned</a>').format(
                    whole(row["checks_warned"])
                )
            facts.append(("Published", text))
    stated = f"in {marts.currency}" if marts.currency else "currency not stated"
    facts.append(("Amounts", f"net revenue, without tax, {stated}"))
    return facts


def _sources(names: list[str]) -> str:
    """All sources; what kind they are is said once for those that follow each other."""
    text = ""
    before = ""
    for name in names:
        kind, _, rest = name.partition(": ")
        if text:
            text += ", "
        text += rest if rest and kind == before else name
        before = kind
    return text


def _key_figures(marts: Marts, as_of: date | None) -> list[KeyFigure]:
    orders = marts.row(
        "select coalesce(sum(net_revenue), 0) as revenue, "
        "coalesce(sum(net_revenue) filter (where order_date >= cast($as_of as date) - 365), 0) "
        "as year, "
        "count(*) filter (where is_valid_order) as orders, "
        "sum(net_revenue) filter (where is_valid_order) as valid_revenue, "
        "coalesce(sum(net_revenue) filter (where is_identified), 0) as identified_revenue, "
        "count(distinct case when is_valid_order then customer_id end) as buyers "
        "from marts.fct_orders",
        as_of=as_of,
    )
    value = marts.row(
        "select count(*) as customers, sum(clv_365d) as expected, max(clv_basis) as basis "
        "from marts.customer_value"
    )
    stake = marts.stake
    active = marts.rows(
        "select period_start, active_customers from marts.lifecycle_periods "
        "where period_grain = 'month' and is_complete order by period_start desc limit 1"
    )
    average = ratio(orders["valid_revenue"], orders["orders"])
    expected: Any = value["expected"]
    said = marts.caveats
    has_sales = said.sales_days is not None
    unit = f", {marts.currency}" if marts.currency else ""
    figures = [
        KeyFigure(
            "customers",
            "Customers",
            whole(value["customers"]),
            f"{whole(orders['buyers'])} with a purchase"
            if value["customers"] or not has_sales
            else "no sale names a customer",
            said.customers,
        ),
        KeyFigure(
            "active",
            "Bought in the last month",
            whole(active[0]["active_customers"]) if active else MISSING,
            month(active[0]["period_start"])
            if active
            else "no sales"
            if not has_sales
            else "no sale names a customer"
            if said.no_customers
            else "no whole month yet",
        ),
        KeyFigure(
            "revenue",
            f"Net revenue{unit}",
            whole(orders["revenue"]) if has_sales else MISSING,
            (said.history if said.is_short else f"{whole(orders['year'])} in the last 12 months")
            if has_sales
            else "no sales have landed",
        ),
        KeyFigure(
            "orders",
            "Valid orders",
            whole(orders["orders"]) if has_sales else MISSING,
            f"{cents(average)} each" if average is not None else "",
        ),
        KeyFigure(
            "expected",
            f"Expected value, 12 months{unit}",
            whole(expected),
            f"{'contribution' if value['basis'] == 'contribution' else 'net revenue'}, discounted"
            if expected is not None
            else "no scores",
            said.value,
        ),
        KeyFigure(
            "at-risk",
            f"Value at risk{unit}",
            whole(stake.value) if stake.scored else MISSING,
            stake.whose(whole) if stake.scored else "no scores",
            said.risk,
        ),
        KeyFigure(
            "identified",
            "Revenue of known customers",
            percent(ratio(orders["identified_revenue"], orders["revenue"])),
            "of all net revenue" if has_sales else "no sales",
        ),
    ]
    tied = marts.row(
        "select count(*) filter (where difference is not null) as places, "
        "count(*) filter (where difference <> 0) as wrong from marts.revenue_reconciliation"
    )
    mark = f"✗ {tied['wrong']}" if tied["wrong"] else "✓"
    places = tied["places"] if has_sales or tied["wrong"] else 0
    figures.append(
        KeyFigure(
            "tie-out",
            "Revenue ties out",
            mark if places else MISSING,
            f"in {places - tied['wrong']} of {count(places, 'place')}"
            if places
            else "nothing to compare",
            mark="bad" if tied["wrong"] else "",
        )
    )
    return figures
