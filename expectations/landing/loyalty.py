"""Landing suites of the loyalty programme."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures, implausible
from landing import contract


def accounts(landed_on: date) -> gx.ExpectationSuite:
    """Dates in order."""
    measures = contract_measures(contract.ACCOUNTS, landed_on)
    implausible(measures, "enrolled_on")
    measures.rows(
        "closed before it was opened",
        "closed_on < enrolled_on",
        "no account was closed before it was opened",
        column="closed_on",
    )
    return measures.suite()


def points(landed_on: date) -> gx.ExpectationSuite:
    """Accounts that exist, points with the sign of their kind of entry, and a ledger above zero."""
    measures = contract_measures(contract.POINTS, landed_on, strict=("account_id",))
    measures.rows(
        "wrong sign",
        "(entry_type = 'earn' and points < 0)"
        " or (entry_type in ('redeem', 'expire') and points > 0)",
        "points earned are positive, points redeemed or expired negative",
        column="points",
    )
    measures.rows(
        "expires before it was earned",
        "expires_on < cast(entered_at as date)",
        "no points expire before they are earned",
        column="expires_on",
    )
    measures.value(
        "points of the whole ledger",
        "sum(points)",
        "no more points were taken than given",
        "warning",
        low=0,
    )
    return measures.suite()
