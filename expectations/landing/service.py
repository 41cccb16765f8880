"""Landing suites of surveys and tickets."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures
from landing import contract


def surveys(landed_on: date) -> gx.ExpectationSuite:
    """Answers within their scale."""
    measures = contract_measures(contract.SURVEYS, landed_on)
    measures.rows(
        "outside the scale",
        "score < 0 or score > scale_max",
        "answers are within their scale",
        column="score",
    )
    return measures.suite()


def tickets(landed_on: date) -> gx.ExpectationSuite:
    """Times in order."""
    measures = contract_measures(contract.TICKETS, landed_on)
    measures.rows(
        "resolved before it was opened",
        "resolved_at < opened_at",
        "no ticket was resolved before it was opened",
        column="resolved_at",
    )
    measures.rows(
        "negative handling_seconds",
        "handling_seconds < 0",
        "handling_seconds is not negative",
        column="handling_seconds",
    )
    return measures.suite()
