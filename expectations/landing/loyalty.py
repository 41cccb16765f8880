"""Landing suite of the points ledger."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures
from landing import contract


def points(landed_on: date) -> gx.ExpectationSuite:
    """A ledger above zero."""
    measures = contract_measures(contract.POINTS, landed_on)
    measures.value(
        "points of the whole ledger",
        "sum(points)",
        "no more points were taken than given",
        "warning",
        low=0,
    )
    return measures.suite()
