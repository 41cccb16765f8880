"""The page: header, key figures and sections, put together in one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from landing.engine import connect
from serving.language import LANGUAGES, say, speaking
from serving.report.changes import Changes
from serving.report.formats import MISSING, cents, count, day, month, percent, ratio, whole
from serving.report.lists import CustomerList, drop_others, write_lists
from serving.report.marks import DARK
from serving.report.marts import Marts
from serving.report.sections import GROUPS
from serving.report.sections.parts import STAGE, Section
from serving.report.sections.value import basis_name, lifetime_years

_TEMPLATE = "page.html.jinja"
_BODY = "body.html.jinja"
_TITLE = "Customer lifecycle"
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
    changes: Sequence[str] = ()
    """How it has moved since last month and last year, or why that is not known."""


def render_report(
    database: Path, output: Path, *, title: str = "", languages: Sequence[str] = tuple(LANGUAGES)
) -> Path:
    """Render the marts of a database as one self-contained HTML file, with lists beside it.

    The page needs no network and no script, and is the same, byte for byte, for the same marts.
    Lists of customers are CSV files in the folder ``lists`` beside it, which holds nothing else.

    Args:
        database: a DuckDB file with schema ``marts``: the published file or the warehouse. It is
            opened read-only and closed again.
        output: the HTML file; replaced as a whole, its folder made if need be.
        title: heading of the page.
        languages: keys of ``LANGUAGES``; the first one is shown until the reader switches.

    Returns:
        ``output``.

    Raises:
        duckdb.IOException: the database is missing or another process writes to it.
        duckdb.CatalogException: a mart is missing.
    """
    folder = output.with_name("lists")
    connection = connect(database, read_only=True)
    try:
        lists = write_lists(Marts(connection), folder)
        page = _page(connection, lists, title, languages)
    finally:
        connection.close()
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.new")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(output)
    drop_others(folder, lists)
    return output


def _page(
    connection: duckdb.DuckDBPyConnection,
    lists: Mapping[str, CustomerList],
    title: str,
    languages: Sequence[str],
) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["say"] = say
    bodies: dict[str, Markup] = {}
    for language in languages:
        with speaking(language):
            # Ids of a page are its own: links of a language stay within it.
            prefix = "" if language == languages[0] else f"{language}-"
            body = environment.get_template(_BODY).render(
                _contents(Marts(connection, lists, prefix), title)
            )
            bodies[language] = Markup(body)
    with speaking(languages[0]):
        return environment.get_template(_TEMPLATE).render(
            title=title or say(_TITLE),
            as_of=_as_of(Marts(connection).as_of_date()),
            names=LANGUAGES,
            bodies=bodies,
            dark=DARK,
        )


def _as_of(as_of: date | None) -> str:
    return say("As of {}", day(as_of)) if as_of else say("Nothing has landed")


def _contents(marts: Marts, title: str) -> dict[str, Any]:
    groups = [(say(name), [build(marts) for build in builders]) for name, builders in GROUPS]
    by_key = {section.key: section for _, members in groups for section in members}
    as_of = marts.as_of_date()
    return {
        "title": title or say(_TITLE),
        "prefix": marts.prefix,
        "as_of": _as_of(as_of),
        "facts": _facts(marts),
        "key_figures": _key_figures(marts, as_of),
        "in_brief": _in_brief([by_key[key] for key in _IN_BRIEF]),
        "groups": groups,
        "stages": [
            (marts.names(STAGE, stage), marts.names.meaning(STAGE, stage))
            for stage in marts.names.values(STAGE)
        ],
        "lifetime_years": lifetime_years(marts),
    }


def _in_brief(chosen: list[Section]) -> list[Section]:
    """Without those that say again what another one said: nothing has landed for them."""
    told: dict[str, Section] = {}
    for section in chosen:
        told.setdefault(section.headline, section)
    return list(told.values())


def _span(first: date | None, last: date | None) -> str:
    if first is None:
        return "none"
    return day(first) if first == last else say("{} to {}", day(first), day(last))


def _facts(marts: Marts) -> list[tuple[str, str | Markup]]:
    """What the header says about the data."""
    span = marts.row(
        "select min(order_date) as first, max(order_date) as last from marts.fct_orders "
        "where is_valid_order"
    )
    facts: list[tuple[str, str | Markup]] = [(say("Sales"), _span(span["first"], span["last"]))]
    sources = marts.rows(
        "select distinct landed_from as source from marts.landing_reconciliation "
        "where landed_rows > 0 order by landed_from"
    )
    if sources:
        facts.append((say("Source"), _sources([str(row["source"]) for row in sources])))
    if marts.has("publish_log"):
        versions = marts.rows(
            "select version, checks_passed, checks_warned from marts.publish_log "
            "order by version desc limit 1"
        )
        for row in versions:
            text = escape(
                say("version {}, {} passed", row["version"], count(row["checks_passed"], "check"))
            )
            if row["checks_warned"]:
                text += say(", ") + Markup('<a class="caveat" href="#{}warnings">{}</a>').format(
                    marts.prefix, say("{} warned", whole(row["checks_warned"]))
                )
            facts.append((say("Published"), text))
    stated = say("in {}", marts.currency) if marts.currency else say("currency not stated")
    facts.append((say("Amounts"), say("net revenue, without tax, {}", stated)))
    return facts


def _sources(names: list[str]) -> str:
    """All sources; what kind they are is said once for those that follow each other."""
    text = ""
    before = ""
    for name in names:
        kind, _, rest = name.partition(": ")
        if text:
            text += say(", ")
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
    changes = Changes(marts)
    figures = [
        KeyFigure(
            "customers",
            say("Customers"),
            whole(value["customers"]),
            say("{} with a purchase", whole(orders["buyers"]))
            if value["customers"] or not has_sales
            else say("no sale names a customer"),
            said.customers,
            changes=changes.of("customers"),
        ),
        KeyFigure(
            "active",
            say("Bought in the last month"),
            whole(active[0]["active_customers"]) if active else MISSING,
            month(active[0]["period_start"])
            if active
            else say("no sales")
            if not has_sales
            else say("no sale names a customer")
            if said.no_customers
            else say("no whole month yet"),
            changes=changes.of("active_customers"),
        ),
        KeyFigure(
            "revenue",
            say("Net revenue{}", unit),
            whole(orders["revenue"]) if has_sales else MISSING,
            (
                said.history
                if said.is_short
                else say("{} in the last 12 months", whole(orders["year"]))
            )
            if has_sales
            else say("no sales have landed"),
            changes=changes.of("net_revenue"),
        ),
        KeyFigure(
            "orders",
            say("Valid orders"),
            whole(orders["orders"]) if has_sales else MISSING,
            say("{} each", cents(average)) if average is not None else "",
            changes=changes.of("valid_orders"),
        ),
        KeyFigure(
            "expected",
            say("Expected value, 12 months{}", unit),
            whole(expected),
            say(
                "{}, discounted",
                basis_name(marts, value["basis"]),
            )
            if expected is not None
            else say("no scores"),
            said.value,
            changes=changes.scores(),
        ),
        KeyFigure(
            "at-risk",
            say("Value at risk{}", unit),
            whole(stake.value) if stake.scored else MISSING,
            stake.whose(whole) if stake.scored else say("no scores"),
            said.risk,
            changes=changes.scores(),
        ),
        KeyFigure(
            "identified",
            say("Revenue of known customers"),
            percent(ratio(orders["identified_revenue"], orders["revenue"])),
            say("of all net revenue") if has_sales else say("no sales"),
            changes=changes.of("identified_revenue_share"),
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
            say("Revenue ties out"),
            mark if places else MISSING,
            say("in {} of {}", places - tied["wrong"], count(places, "place"))
            if places
            else say("nothing to compare"),
            mark="bad" if tied["wrong"] else "",
        )
    )
    return figures
