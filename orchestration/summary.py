"""The short summary after a run, read from the published file as any BI tool would."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from orchestration.progress import count
from orchestration.settings import Settings

_STAGES = """
    select lifecycle_stage, count(*) from published.marts.customer_lifecycle
    group by lifecycle_stage
    order by list_position(
        ['prospect', 'new', 'growing', 'mature', 'declining', 'dormant', 'lost', 'reactivated'],
        lifecycle_stage
    )
"""
_SEGMENTS = """
    select coalesce(segment_label_en, segment), count(*) from published.marts.customer_rfm
    group by segment_rank, segment_label_en, segment
    order by segment_rank
"""
_REVENUE = """
    select kind, item, net_revenue, difference from published.marts.revenue_reconciliation
    order by step, item
"""
_VALUE = """
    select sum(clv_365d), sum(clv_lifetime), max(clv_basis), count(clv_365d)
    from published.marts.customer_value
"""
_RISK = """
    select count(*), sum(value_at_risk) from published.marts.customer_churn
    where churn_band = 'high'
"""
_DRIFT = """
    select
        (select count(*) from published.marts.score_drift where drift_status = 'shifted'),
        (select count(*) from published.marts.champion_drift where drift_status = 'worse')
"""
_LOG = """
    select version, as_of_date, checks_passed, checks_warned from published.marts.publish_log
    order by version desc limit 1
"""


@dataclass(frozen=True)
class Summary:
    """Figures of the published marts. Money is in the currency of the orders.

    ``untied`` names the reports of net revenue that differ from what landed, with the difference.
    ``shifted`` are inputs and scores distributed otherwise than in the last fit, ``worse`` are
    champions that of late did worse than in earlier windows.
    """

    version: str
    as_of_date: str
    stages: tuple[tuple[str, int], ...]
    segments: tuple[tuple[str, int], ...]
    landed_revenue: Decimal
    deductions: tuple[tuple[str, Decimal], ...]
    reports_tied_out: int
    untied: tuple[tuple[str, Decimal], ...]
    expected_value: Decimal
    lifetime_value: Decimal
    value_basis: str
    valued_customers: int
    customers_at_risk: int
    value_at_risk: Decimal
    shifted: int
    worse: int
    checks_passed: int
    checks_warned: int


def summarise(published_path: Path) -> Summary:
    """Read the summary's figures from a published file."""
    with duckdb.connect() as connection:
        path = str(published_path).replace("'", "''")
        connection.execute(f"attach '{path}' as published (read_only)")
        version, as_of_date, passed, warned = connection.execute(_LOG).fetchall()[0]
        stages = connection.execute(_STAGES).fetchall()
        segments = connection.execute(_SEGMENTS).fetchall()
        revenue = connection.execute(_REVENUE).fetchall()
        value, lifetime, basis, valued = connection.execute(_VALUE).fetchall()[0]
        at_risk, value_at_risk = connection.execute(_RISK).fetchall()[0]
        shifted, worse = connection.execute(_DRIFT).fetchall()[0]
    reported = [(item, difference) for kind, item, _, difference in revenue if kind == "reported"]
    return Summary(
        version=version,
        as_of_date=str(as_of_date),
        stages=tuple(stages),
        segments=tuple(segments),
        landed_revenue=next((amount for kind, _, amount, _ in revenue if kind == "landed"), _ZERO),
        deductions=tuple(
            (item, amount) for kind, item, amount, _ in revenue if kind == "deduction" and amount
        ),
        reports_tied_out=sum(1 for _, difference in reported if not difference),
        untied=tuple((item, difference) for item, difference in reported if difference),
        expected_value=value or _ZERO,
        lifetime_value=lifetime or _ZERO,
        value_basis=basis or "",
        valued_customers=valued,
        customers_at_risk=at_risk,
        value_at_risk=value_at_risk or _ZERO,
        shifted=shifted,
        worse=worse,
        checks_passed=passed,
        checks_warned=warned,
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
    tied = (
        f"tied out to the cent in {count(summary.reports_tied_out, 'report')}"
        if not summary.untied
        else "[red]not tied out[/]: "
        + ", ".join(f"{item} differs by {amount:,}" for item, amount in summary.untied)
    )
    deducted = "".join(f", {item} {amount:,}" for item, amount in summary.deductions)
    warned = f", [yellow]{summary.checks_warned:,} warned[/]" if summary.checks_warned else ""
    rows: list[tuple[str, RenderableType]] = [
        ("As of", f"{summary.as_of_date} (days before it count)"),
        ("Lifecycle stage", _counts(summary.stages)),
        ("RFM segment", _counts(summary.segments)),
        ("Net revenue", f"{summary.landed_revenue:,} landed{deducted}; {tied}"),
        (
            "Expected value",
            f"{summary.expected_value:,} over the next 365 days, "
            f"{summary.lifetime_value:,} over the lifetime, of "
            f"{count(summary.valued_customers, 'customer')} ({summary.value_basis}, discounted)"
            if summary.valued_customers
            else "no scores",
        ),
        (
            "At risk",
            f"{count(summary.customers_at_risk, 'customer')} with a high churn probability, "
            f"{summary.value_at_risk:,} of expected value at risk",
        ),
    ]
    if summary.shifted or summary.worse:
        rows.append(("Drift", f"[yellow]{_drift(summary)}[/]; the report has which"))
    return [
        *rows,
        ("Checks", f"{summary.checks_passed:,} passed{warned}"),
        ("Published", escape(f"{settings.published_path}\nversion {summary.version}")),
        ("Report", escape(str(settings.report_path))),
        ("Data Docs", escape(str(settings.data_docs_dir / "index.html"))),
        ("Dagster UI", "make dev, then http://127.0.0.1:3000"),
    ]


def _drift(summary: Summary) -> str:
    parts = []
    if summary.shifted:
        parts.append(f"{count(summary.shifted, 'input or score', 'inputs or scores')} shifted")
    if summary.worse:
        parts.append(f"{count(summary.worse, 'champion')} worse than in earlier windows")
    return ", ".join(parts)


def _counts(counts: tuple[tuple[str, int], ...]) -> str:
    return " · ".join(f"{name} {number:,}" for name, number in counts) or "none"
