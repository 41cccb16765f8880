"""What has to be said beside a figure: untested, guessed, partial, or from a short history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from serving.language import clauses, say
from serving.stake import stake

YEAR = 365
# Below it, a figure of some customers is no figure of the shop.
WHOLE = 0.995
# Of fewer customers neither fifths nor forecasts mean much.
FEW = 20
# A forecast that missed by more in the last test is not to be read without it.
FAR_OFF = 0.1

_SALES = """
    select
        (select as_of_date from marts.customer_value limit 1) as as_of_date,
        (select max(date_day) + 1 from marts.dim_dates where is_observed) as day_after_observed,
        coalesce(min(order_date) filter (where is_valid_order), min(order_date)) as first_day,
        count(*) as orders,
        count(*) filter (where is_valid_order and is_identified) as identified_orders,
        count(distinct customer_id) filter (where is_valid_order) as buyers,
        sum(net_revenue) filter (where is_identified) as identified,
        sum(net_revenue) as revenue
    from marts.fct_orders
"""
_SCORES = """
    select
        count(*) filter (where score_status <> 'not_scored' or clv_365d is not null) as scored,
        count(*) filter (where score_status = 'fallback') as simpler,
        max(clv_basis) as basis,
        sum(cost_coverage * net_revenue) / nullif(sum(net_revenue), 0) as cost_known
    from marts.customer_value
    where cost_coverage is not null or score_status <> 'not_scored' or clv_365d is not null
"""
_TESTED = """
    select
        max(horizon_days) as longest,
        max(horizon_days) filter (where past_windows > 0) as tested,
        count(past_windows) as told
    from marts.model_runs
    where is_champion and task = $task
"""
_MISSED = """
    select value as missed from marts.model_backtests
    where is_champion and slice = 'all' and task = $task and metric = $metric
        and value is not null
    order by horizon_days desc, cutoff_date desc
    limit 1
"""
_HORIZON = "select max(churn_horizon_days) as days from marts.customer_churn"
_MISSING = """
    select count(*) filter (where landed_rows > 0) as filled from marts.landing_reconciliation
    where table_name in ({})
"""


@dataclass(frozen=True)
class Caveats:
    """Sentences without a full stop; empty where there is nothing to say.

    ``sales_days`` are the days of the last year that sales cover, None without sales.
    ``no_customers`` says which file would fill the parts about customers who buy, ``no_touches``
    which would fill those about channels.
    """

    sales_days: int | None
    no_customers: str
    no_touches: str
    customers: str
    few: str
    history: str
    value: str
    risk: str
    tests: str

    @property
    def is_short(self) -> bool:
        """Whether there is less than a year of sales."""
        return self.sales_days is not None and self.sales_days < YEAR

    @property
    def last_year(self) -> str:
        """What the last twelve months are called, which may be fewer days."""
        if not self.is_short:
            return say("last 12 months")
        return (
            say("1 day of sales")
            if self.sales_days == 1
            else say("{} days of sales", self.sales_days)
        )


def caveats(connection: duckdb.DuckDBPyConnection) -> Caveats:
    """Read them from schema ``marts`` of the database in use."""
    sales = _row(connection, _SALES)
    scores = _row(connection, _SCORES)
    days = _sales_days(sales["as_of_date"] or sales["day_after_observed"], sales["first_day"])
    short = say("from {} of sales", _days(days)) if days is not None and days < YEAR else ""
    buyers = sales["buyers"]
    few = say("only {} customer{}", buyers, "" if buyers == 1 else "s") if 0 < buyers < FEW else ""
    untested = _untested(connection, "spend", YEAR, say("12 months"))
    return Caveats(
        sales_days=days,
        no_customers=_no_customers(sales),
        no_touches=_no_touches(connection),
        customers=_identified(sales),
        few=few,
        history=short,
        value=_joined(
            short,
            few,
            untested,
            _spend_missed(connection),
            _simpler(scores),
            _cost(scores),
        )
        if scores["scored"]
        else "",
        risk=_joined(
            short,
            few,
            _untested_churn(connection),
            _churn_missed(connection),
            _simpler(scores),
            _more_than_expected(connection),
        )
        if scores["scored"]
        else "",
        tests=untested if scores["scored"] else "",
    )


def _row(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> dict[str, Any]:
    cursor = connection.execute(query, parameters or None)
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def _sales_days(as_of: date | None, first_day: date | None) -> int | None:
    if as_of is None or first_day is None:
        return None
    return min(YEAR, (as_of - first_day).days)


def _days(days: int) -> str:
    return say("1 day") if days == 1 else say("{} days", days)


def _no_customers(sales: dict[str, Any]) -> str:
    if not sales["orders"]:
        return say("No sales have landed; the files orders and order_lines would fill this part")
    if not sales["identified_orders"]:
        return say("No sale names a customer; customer_id in orders would fill this part")
    return ""


def _no_touches(connection: duckdb.DuckDBPyConnection) -> str:
    tables = ("marketing.touchpoints", "marketing.campaign_targets", "marketing.coupon_redemptions")
    names = ", ".join(f"'{table}'" for table in tables)
    if _row(connection, _MISSING.format(names))["filled"]:
        return ""
    return say(
        "the files touchpoints, campaign_targets and coupon_redemptions would fill this part"
    )


def _identified(sales: dict[str, Any]) -> str:
    if not sales["revenue"] or not sales["identified_orders"]:
        return ""
    share = float(sales["identified"] or 0) / float(sales["revenue"])
    return (
        say("from {} of the revenue, the rest is anonymous", _share(share)) if share < WHOLE else ""
    )


def _untested(
    connection: duckdb.DuckDBPyConnection, task: str, horizon_days: int, name: str
) -> str:
    runs = _row(connection, _TESTED, task=task)
    if not runs["told"] or (runs["tested"] or 0) >= min(horizon_days, runs["longest"]):
        return ""
    if runs["tested"] is None:
        return say("not tested on the past")
    return say("tested on the past for {} days, not for {}", runs["tested"], name)


def _untested_churn(connection: duckdb.DuckDBPyConnection) -> str:
    horizon_days = _row(connection, _HORIZON)["days"]
    if horizon_days is None:
        return ""
    return _untested(connection, "churn", horizon_days, _days(horizon_days))


def _spend_missed(connection: duckdb.DuckDBPyConnection) -> str:
    bias = _missed(connection, "spend", "bias")
    if bias is None or abs(bias) < FAR_OFF:
        return ""
    return say(
        "the last test forecast {} too little"
        if bias < 0
        else "the last test forecast {} too much",
        _share(abs(bias)),
    )


def _churn_missed(connection: duckdb.DuckDBPyConnection) -> str:
    error = _missed(connection, "churn", "calibration_error")
    if error is None or error < FAR_OFF:
        return ""
    return say("probabilities were off by {:.0f} percentage points in the last test", 100 * error)


def _missed(connection: duckdb.DuckDBPyConnection, task: str, metric: str) -> float | None:
    found = connection.execute(_MISSED, {"task": task, "metric": metric}).fetchall()
    return float(found[0][0]) if found else None


def _more_than_expected(connection: duckdb.DuckDBPyConnection) -> str:
    at_stake = stake(connection)
    if at_stake.value <= max(at_stake.expected, Decimal(0)):
        return ""
    return say("more than the expected value, as few are expected to return")


def _simpler(scores: dict[str, Any]) -> str:
    share = scores["simpler"] / scores["scored"]
    # What holds for all of them is said by the test that is missing.
    return say("{} of the customers by a simpler model", _share(share)) if 0 < share < WHOLE else ""


def _cost(scores: dict[str, Any]) -> str:
    known = scores["cost_known"]
    if scores["basis"] != "contribution" or known is None or known >= WHOLE:
        return ""
    return say("cost known for {} of the revenue", _share(known))


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"


def _joined(*parts: str) -> str:
    return clauses(list(parts))
