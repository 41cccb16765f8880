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
from serving.stake import Stake, currency, returns, stake

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
_HAS = """
    select count(*) from information_schema.columns
    where table_schema = 'marts' and table_name = $table and column_name = $column
"""
_HELD = """
    select quarantined_net_revenue, quarantined_revenue_share
    from marts.landing_reconciliation
    where table_name = 'pos.order_lines'
"""
_VALUE = """
    select
        sum(clv_365d), sum(clv_lifetime), max(clv_basis), count(clv_365d), {years}, {reason}
    from marts.customer_value
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
    """Figures of the published marts. Money is in ``currency``, empty if it is not known.

    ``removed`` is net revenue that landed and does not count, by why, with its sign.
    ``quarantined`` are rows by table and reason, with the net revenue in them. ``untied``
    names the reports of net revenue that differ from what landed, with the difference. ``shifted``
    are inputs and scores distributed otherwise than in the last fit, ``worse`` are champions that
    of late did worse than in earlier windows. ``held_revenue`` is the net revenue in quarantine,
    with its sign, ``held_share`` how much of all lines' money that is; ``returned`` was given back
    to customers, ``unmatched`` is the share of it that found no sale. ``lifetime_years`` is None
    where it is not known; ``lifetime_value`` where history does not tell how long customers stay,
    and ``lifetime_reason`` says why, or on how little history it stands.
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
    lifetime_value: Decimal | None
    lifetime_reason: str | None
    value_basis: str
    valued_customers: int
    lifetime_years: float | None
    stake: Stake
    currency: str
    held_revenue: Decimal
    held_share: float
    returned: Decimal
    unmatched: float
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
        # A file that was published earlier lacks what came later.
        has_years = _has(connection, "customer_value", "lifetime_years")
        years_told = "max(lifetime_years)" if has_years else "cast(null as double)"
        has_reason = _has(connection, "customer_value", "lifetime_reason")
        reason_told = "max(lifetime_reason)" if has_reason else "cast(null as varchar)"
        value, lifetime, basis, valued, years, reason = connection.execute(
            _VALUE.format(years=years_told, reason=reason_told)
        ).fetchall()[0]
        at_stake, in_currency = stake(connection), currency(connection)
        returned, ways = returns(connection)
        shifted, worse = connection.execute(_DRIFT).fetchall()[0]
        has_money = _has(connection, "quarantine_reasons", "net_revenue")
        money = "net_revenue" if has_money else "cast(null as decimal(18, 2))"
        quarantined = connection.execute(_QUARANTINE.format(money=money)).fetchall()
        has_held = _has(connection, "landing_reconciliation", "quarantined_net_revenue")
        held = connection.execute(_HELD).fetchall() if has_held else []
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
        lifetime_value=lifetime,
        lifetime_reason=reason,
        value_basis=basis or "",
        valued_customers=valued,
        lifetime_years=years,
        stake=at_stake,
        currency=in_currency,
        held_revenue=(held[0][0] if held else None) or _ZERO,
        held_share=(held[0][1] if held else None) or 0.0,
        returned=returned,
        unmatched=dict(ways).get("unmatched", 0.0),
        shifted=shifted,
        worse=worse,
        checks_passed=passed,
        checks_warned=warned,
        warnings=tuple(json.loads(warnings or "[]")),
        caveats=said,
    )


def _has(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    found = connection.execute(_HAS, {"table": table, "column": column}).fetchall()
    return bool(found[0][0])


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
