"""The short summary after a run, read from the published file as any BI tool would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from orchestration.progress import count
from orchestration.settings import Settings
from serving.caveats import Caveats, caveats

WARNINGS_SHOWN = 8
REASONS_SHOWN = 4

_STAGES = """
    select lifecycle_stage, count(*) from marts.customer_lifecycle
    group by lifecycle_stage
    order by list_position(
        ['prospect', 'new', 'growing', 'mature', 'declining', 'dormant', 'lost', 'reactivated'],
        lifecycle_stage
    )
"""
_SEGMENTS = """
    select coalesce(segment_label_en, segment), count(*) from marts.customer_rfm
    group by segment_rank, segment_label_en, segment
    order by segment_rank
"""
_REVENUE = """
    select kind, item, net_revenue, difference from marts.revenue_reconciliation
    order by step, item
"""
_QUARANTINE = """
    select table_name, rejection_reasons, row_count, {money} from marts.quarantine_reasons
    order by abs({money}) desc nulls last, row_count desc, table_name, rejection_reasons
"""
_HAS_MONEY = """
    select count(*) from information_schema.columns
    where table_schema = 'marts' and table_name = 'quarantine_reasons'
        and column_name = 'net_revenue'
"""
_VALUE = """
    select sum(clv_365d), sum(clv_lifetime), max(clv_basis), count(clv_365d)
    from marts.customer_value
"""
_RISK = """
    select
        count(*) filter (where churn_band = 'high'),
        sum(value_at_risk) filter (where churn_band = 'high'),
        sum(value_at_risk)
    from marts.customer_churn
"""
_DRIFT = """
    select
        (select count(*) from marts.score_drift where drift_status = 'shifted'),
        (select count(*) from marts.champion_drift where drift_status = 'worse')
"""
_LOG = """
    select version, as_of_date, checks_passed, checks_warned, warnings from marts.publish_log
    order by version desc limit 1
"""


@dataclass(frozen=True)
class Summary:
    """Figures of the published marts. Money is in the currency of the orders.

    ``removed`` is net revenue that landed and does not count, by why, with its sign.
    ``quarantined`` are rows by table and reason, with the net revenue in them. ``untied``
    names the reports of net revenue that differ from what landed, with the difference. ``shifted``
    are inputs and scores distributed otherwise than in the last fit, ``worse`` are champions that
    of late did worse than in earlier windows.
    """

    version: str
    as_of_date: str
    stages: tuple[tuple[str, int], ...]
    segments: tuple[tuple[str, int], ...]
    landed_revenue: Decimal
    removed: tuple[tuple[str, Decimal], ...]
    expected_revenue: Decimal
    quarantined: tuple[tuple[str, str, int, Decimal | None], ...]
    reports_tied_out: int
    untied: tuple[tuple[str, Decimal], ...]
    expected_value: Decimal
    lifetime_value: Decimal
    value_basis: str
    valued_customers: int
    customers_at_risk: int
    value_at_high_risk: Decimal
    value_at_risk: Decimal
    shifted: int
    worse: int
    checks_passed: int
    checks_warned: int
    warnings: tuple[str, ...]
    caveats: Caveats


def summarise(published_path: Path) -> Summary:
    """Read the summary's figures from a published file."""
    with duckdb.connect() as connection:
        path = str(published_path).replace("'", "''")
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute("use published")
        version, as_of_date, passed, warned, warnings = connection.execute(_LOG).fetchall()[0]
        stages = connection.execute(_STAGES).fetchall()
        segments = connection.execute(_SEGMENTS).fetchall()
        revenue = connection.execute(_REVENUE).fetchall()
        value, lifetime, basis, valued = connection.execute(_VALUE).fetchall()[0]
        at_risk, value_at_high_risk, value_at_risk = connection.execute(_RISK).fetchall()[0]
        shifted, worse = connection.execute(_DRIFT).fetchall()[0]
        (has_money,) = connection.execute(_HAS_MONEY).fetchall()[0]
        # A file that was published earlier lacks the money in quarantine.
        money = "net_revenue" if has_money else "cast(null as decimal(18, 2))"
        quarantined = connection.execute(_QUARANTINE.format(money=money)).fetchall()
        said = caveats(connection)
    reported = [(item, difference) for kind, item, _, difference in revenue if kind == "reported"]
    return Summary(
        version=version,
        as_of_date=str(as_of_date),
        stages=tuple(stages),
        segments=tuple(segments),
        landed_revenue=next((amount for kind, _, amount, _ in revenue if kind == "landed"), _ZERO),
        removed=tuple(
            (item, -amount) for kind, item, amount, _ in revenue if kind == "deduction" and amount
        ),
        expected_revenue=next(
            (amount for kind, _, amount, _ in revenue if kind == "expected"), _ZERO
        ),
        reports_tied_out=sum(1 for _, difference in reported if not difference),
        untied=tuple((item, difference) for item, difference in reported if difference),
        quarantined=tuple(quarantined),
        expected_value=value or _ZERO,
        lifetime_value=lifetime or _ZERO,
        value_basis=basis or "",
        valued_customers=valued,
        customers_at_risk=at_risk,
        value_at_high_risk=value_at_high_risk or _ZERO,
        value_at_risk=value_at_risk or _ZERO,
        shifted=shifted,
        worse=worse,
        checks_passed=passed,
        checks_warned=warned,
        warnings=tuple(json.loads(warnings or "[]")),
        caveats=said,
    )


_ZERO = Decimal("0.00")


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
    if summary.warnings:
        rows.append(("Warnings", _warnings(summary.warnings)))
    return [
        *rows,
        ("Published", escape(f"{settings.published_path}\nversion {summary.version}")),
        ("Report", escape(str(settings.report_path))),
        ("Data Docs", escape(str(settings.data_docs_dir / "index.html"))),
        ("Dagster UI", "make dev, then http://127.0.0.1:3000"),
    ]


def _stages(summary: Summary) -> str:
    if not summary.stages:
        return _unfilled(summary, "none")
    said = "; ".join(filter(None, (summary.caveats.history, summary.caveats.customers)))
    return _counts(summary.stages) + _said(said)


def _revenue(summary: Summary) -> str:
    if summary.caveats.sales_days is None and not summary.landed_revenue:
        return _unfilled(summary, "none")
    text = f"{summary.landed_revenue:,} landed"
    if summary.removed:
        less = ", ".join(f"{amount:,} {item}" for item, amount in summary.removed)
        text += f", less {less}: {summary.expected_revenue:,} counts"
    if summary.untied:
        return f"{text}; [red]not tied out[/]: " + ", ".join(
            f"{item} differs by {amount:,}" for item, amount in summary.untied
        )
    return f"{text}; tied out to the cent in {count(summary.reports_tied_out, 'report')}"


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
    return escape(f"{count(rows, 'row')}: " + " · ".join(parts))


def _value(summary: Summary) -> str:
    if not summary.valued_customers:
        return _unfilled(summary, "no scores")
    return (
        f"{summary.expected_value:,} over the next 365 days, {summary.lifetime_value:,} over the "
        f"lifetime (no test reaches so far), of {count(summary.valued_customers, 'customer')} "
        f"({summary.value_basis}, discounted)" + _said(summary.caveats.value)
    )


def _risk(summary: Summary) -> str:
    if not summary.valued_customers:
        return _unfilled(summary, "no scores")
    high = (
        f"{summary.value_at_high_risk:,} of it with "
        f"{count(summary.customers_at_risk, 'customer')} of high churn probability"
        if summary.customers_at_risk
        else "no customer has a high churn probability"
    )
    return f"{summary.value_at_risk:,} of expected value, {high}" + _said(summary.caveats.risk)


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
