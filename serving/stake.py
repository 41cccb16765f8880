"""What is at stake with customers who may not buy again, in which currency, and what came back.

The report and the summary tell it from here, so that one figure stands for one thing everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from serving.language import say

# Who is at risk, by customer_churn.churn_band.
AT_RISK = ("high", "medium")

_STAKE = f"""
    select
        count(value_at_risk),
        coalesce(sum(value_at_risk), 0),
        coalesce(sum(clv_365d), 0),
        count(*) filter (where churn_band in {AT_RISK}),
        coalesce(sum(value_at_risk) filter (where churn_band in {AT_RISK}), 0),
        count(*) filter (where churn_band = 'high'),
        max(churn_horizon_days)
    from marts.customer_churn
"""
# A file that was published earlier lacks what came later.
_HAS = """
    select count(*) from information_schema.columns
    where table_schema = 'marts' and table_name = $table and column_name = $column
"""
_RETURNS = """
    select return_match, returned_amount, amount_share from marts.return_matches
    order by match_rank
"""


@dataclass(frozen=True)
class Stake:
    """Value at risk: churn probability x what the customer brings in a year if returning.

    ``value`` is that of all ``scored`` customers, who are expected to bring ``expected``. Of them
    ``customers`` are at high or medium risk, ``high`` at high risk, and hold ``held``.
    """

    scored: int
    value: Decimal
    expected: Decimal
    customers: int
    held: Decimal
    high: int
    horizon_days: int | None

    @property
    def who(self) -> str:
        """Who is at risk: 151 customers at high or medium risk."""
        if not self.customers:
            return say("nobody is at high or medium risk")
        band = (
            say("high")
            if self.high == self.customers
            else say("high or medium")
            if self.high
            else say("medium")
        )
        return say(
            "{:,} customer{} at {} risk", self.customers, "" if self.customers == 1 else "s", band
        )

    def whose(self, written: Callable[[Decimal], str]) -> str:
        """With whom the value is, amounts written as the reader is used to."""
        if not self.customers:
            return self.who
        part = say("all") if self.customers == self.scored else written(self.held)
        return say("{} of it with {}", part, self.who)


def stake(connection: duckdb.DuckDBPyConnection) -> Stake:
    """Read it from schema ``marts`` of the database in use."""
    return Stake(*connection.execute(_STAKE).fetchall()[0])


def currency(connection: duckdb.DuckDBPyConnection) -> str:
    """Currency of all amounts; empty if it is not known."""
    if not _has(connection, "landing_reconciliation", "currency"):
        return ""
    found = connection.execute("select max(currency) from marts.landing_reconciliation").fetchall()
    return found[0][0] or ""


def returns(connection: duckdb.DuckDBPyConnection) -> tuple[Decimal, list[tuple[str, float]]]:
    """Money given back, and the share of it that found its sale in each way, the surest first."""
    if not _has(connection, "return_matches", "amount_share"):
        return Decimal(0), []
    found = connection.execute(_RETURNS).fetchall()
    ways = [(way, share) for way, _, share in found if share]
    return sum((amount for _, amount, _ in found), Decimal(0)), ways


def _has(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    found = connection.execute(_HAS, {"table": table, "column": column}).fetchall()
    return bool(found[0][0])
