"""What a run is summed up by, read from the published file as any BI tool would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from landing.engine import connect
from serving.caveats import Caveats, caveats
from serving.stake import Stake, currency, returns, stake

_ZERO = Decimal("0.00")

_STAGES = """
    select lifecycle_stage, count(*) from marts.customer_lifecycle
    left join marts.dim_lifecycle_stages using (lifecycle_stage)
    group by lifecycle_stage, sort_order
    order by sort_order, lifecycle_stage
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
    select version, as_of_date, checks_passed, checks_warned, warnings, {accepted}
    from marts.publish_log
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
    and ``lifetime_reason`` says why, or on how little history it stands. ``accepted_change`` is why
    a change was let pass that would have stopped the run.
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
    accepted_change: str | None
    caveats: Caveats


def summarise(published_path: Path) -> Summary:
    """Read the summary's figures from a published file."""
    # A file that was published earlier lacks what came later.
    with connect() as connection:
        path = str(published_path).replace("'", "''")
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute("use published")
        has_accepted = _has(connection, "publish_log", "accepted_change")
        accepted_told = "accepted_change" if has_accepted else "cast(null as varchar)"
        version, as_of_date, passed, warned, warnings, accepted = connection.execute(
            _LOG.format(accepted=accepted_told)
        ).fetchall()[0]
        stages = connection.execute(_STAGES).fetchall()
        segments = connection.execute(_SEGMENTS).fetchall()
        revenue = connection.execute(_REVENUE).fetchall()
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
        accepted_change=accepted,
        caveats=said,
    )


def _has(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    found = connection.execute(_HAS, {"table": table, "column": column}).fetchall()
    return bool(found[0][0])
