"""The short summary after a run."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from orchestration.runs.progress import count
from orchestration.settings import DUCKDB, Settings
from serving.summary import Summary

WARNINGS_SHOWN = 8
REASONS_SHOWN = 4


def show(console: Console, summary: Summary, settings: Settings) -> None:
    """Print the summary and where to look."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, content in _rows(summary, settings):
        table.add_row(label, content)
    console.print()
    console.print(table)


def _rows(summary: Summary, settings: Settings) -> list[tuple[str, RenderableType]]:
    warned = f", [yellow]{summary.checks_warned:,} warned[/]" if summary.checks_warned else ""
    rows: list[tuple[str, RenderableType]] = [
        ("As of", f"{summary.as_of_date} (days before it count)"),
        ("Lifecycle stage", _stages(summary)),
        ("RFM segment", _counts(summary.segments) or _unfilled(summary, "none")),
        ("Net revenue", _revenue(summary)),
        *([("Quarantine", _quarantine(summary))] if summary.quarantined else []),
        ("Expected value", _value(summary)),
        ("At risk", _risk(summary)),
    ]
    if summary.shifted or summary.worse:
        rows.append(("Drift", f"[yellow]{_drift(summary)}[/]; the report has which"))
    rows.append(("Checks", f"{summary.checks_passed:,} passed{warned}"))
    if summary.accepted_change:
        rows.append(("Accepted", f"a large change: {escape(summary.accepted_change)}"))
    if summary.warnings:
        rows.append(("Warnings", _warnings(summary.warnings)))
    return [
        *rows,
        ("Published", escape(f"{settings.published_path}\nversion {summary.version}")),
        ("Report", escape(str(settings.report_path))),
        ("Data Docs", escape(str(settings.data_docs_dir / "index.html"))),
        ("Dagster UI", escape(f"{_opens_pages(settings)}, then http://127.0.0.1:3000")),
    ]


def _opens_pages(settings: Settings) -> str:
    """What shows this home, and not the default one, in Dagster's pages."""
    if settings.home == settings.project_dir / "data" and settings.engine == DUCKDB:
        return "make dev"
    engine = "" if settings.engine == DUCKDB else f"LIFECYCLE_ENGINE={settings.engine} "
    return f"{engine}lifecycle --home {settings.home} dev"


def _stages(summary: Summary) -> str:
    if not summary.stages:
        return _unfilled(summary, "none")
    said = "; ".join(filter(None, (summary.caveats.history, summary.caveats.customers)))
    return _counts(summary.stages) + _said(said)


def _revenue(summary: Summary) -> str:
    if summary.caveats.sales_days is None and not summary.landed_revenue:
        return _unfilled(summary, "none")
    text = f"{_money(summary, summary.landed_revenue)} landed"
    if summary.removed:
        less = ", ".join(f"{amount:,} {item}" for item, amount in summary.removed)
        text += f", less {less}: {summary.expected_revenue:,} counts"
    if summary.untied:
        text += "; [red]not tied out[/]: " + ", ".join(
            f"{item} differs by {amount:,}" for item, amount in summary.untied
        )
    else:
        text += f"; tied out to the cent in {count(summary.reports_tied_out, 'report')}"
    if summary.returned:
        matched = (
            f"{_share(summary.unmatched)} of it without a sale that it could be matched to"
            if summary.unmatched
            else "all of it matched to its sale"
        )
        text += f"; {summary.returned:,} in returns and credits, {matched}"
    return text


def _money(summary: Summary, amount: Decimal) -> str:
    """The first amount of a row, with the currency."""
    return f"{amount:,}{f' {summary.currency}' if summary.currency else ''}"


def _quarantine(summary: Summary) -> str:
    """Rows kept back by table and reason, those with most money first."""
    parts = [
        f"{table} {reason.replace('_', ' ')} {rows:,}"
        + (f" ({money:,})" if money is not None else "")
        for table, reason, rows, money in summary.quarantined[:REASONS_SHOWN]
    ]
    if len(summary.quarantined) > REASONS_SHOWN:
        rest = sum(rows for _, _, rows, _ in summary.quarantined[REASONS_SHOWN:])
        parts.append(f"others {rest:,}")
    rows = sum(rows for _, _, rows, _ in summary.quarantined)
    money = (
        f" with net revenue of {_money(summary, summary.held_revenue)}, "
        f"{_share(summary.held_share)} of what lines move"
        if summary.held_share
        else ""
    )
    return escape(f"{count(rows, 'row')}{money}: " + " · ".join(parts))


def _share(share: float) -> str:
    return "under 0.1%" if share < 0.001 else f"{share:.1%}"


def _value(summary: Summary) -> str:
    if not summary.valued_customers:
        return _unfilled(summary, "no scores")
    over = f"{summary.lifetime_years:g} years" if summary.lifetime_years else "the lifetime"
    why = f"; {summary.lifetime_reason}" if summary.lifetime_reason else ""
    lifetime = (
        f"none told over {over}{why}"
        if summary.lifetime_value is None
        else f"{summary.lifetime_value:,} over {over} (no test reaches so far{why})"
    )
    return (
        f"{_money(summary, summary.expected_value)} over the next 365 days, {lifetime}, of "
        f"{count(summary.valued_customers, 'customer')} ({summary.value_basis}, discounted)"
        + _said(summary.caveats.value)
    )


def _risk(summary: Summary) -> str:
    at_stake = summary.stake
    if not at_stake.scored:
        return _unfilled(summary, "no scores")
    return (
        f"{_money(summary, at_stake.value)}, what customers who are not expected within "
        f"{at_stake.horizon_days} days would bring in 12 months if they bought after all; "
        f"{at_stake.whose('{:,}'.format)}" + _said(summary.caveats.risk)
    )


def _unfilled(summary: Summary, nothing: str) -> str:
    """Nothing, and which file would fill it."""
    why = summary.caveats.no_customers
    return f"{nothing}: {why[:1].lower()}{why[1:]}" if why else nothing


def _said(caveat: str) -> str:
    return f"; [yellow]{escape(caveat)}[/]" if caveat else ""


def _warnings(warnings: tuple[str, ...]) -> RenderableType:
    """What is warned of, what matters most first."""
    lines = [Text(text) for text in warnings[:WARNINGS_SHOWN]]
    more = len(warnings) - len(lines)
    if more:
        lines.append(Text(f"and {more:,} more: Data Docs"))
    return Group(*lines)


def _drift(summary: Summary) -> str:
    parts = []
    if summary.shifted:
        parts.append(f"{count(summary.shifted, 'input or score', 'inputs or scores')} shifted")
    if summary.worse:
        parts.append(f"{count(summary.worse, 'champion')} worse than in earlier windows")
    return ", ".join(parts)


def _counts(counts: tuple[tuple[str, int], ...]) -> str:
    return " · ".join(f"{name} {number:,}" for name, number in counts)
