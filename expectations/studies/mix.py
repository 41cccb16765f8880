"""Suites of what the study of the mix writes: ranges, intervals, and budgets that add up.

Keys and lists of names are tested by dbt, which reads the tables next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def responses() -> gx.ExpectationSuite:
    """Responses within their intervals, and none that nobody could believe."""
    return rows_suite(
        "mix.responses",
        [
            not_null("as_of_date", "every response has its date"),
            between("saturation", 0, 1, "a response is a share of the most there can be"),
            between("carry_over", 0, 1, "no more acts on than acted"),
            between("average_return", -1_000, 10_000, "no spend returns so much"),
            at_least("marginal_return_high", "marginal_return_low", "an interval has two ends"),
        ],
    )


def mixes() -> gx.ExpectationSuite:
    """Budgets of money that there is."""
    return rows_suite(
        "mix.mixes",
        [
            not_null("action", "every channel is told what to do"),
            between("recommended_spend", 0, None, "no spend is negative"),
            between("unallocated", 0, None, "no more is spent than there is"),
            at_least("gain_high", "gain_low", "an interval has two ends"),
            at_least("ends_on", "starts_on", "a budget has a time"),
        ],
    )


def next_tests() -> gx.ExpectationSuite:
    """Tests that could be made."""
    return rows_suite(
        "mix.next_tests",
        [
            between("holdout_share", 0, 0.5, "at most half is held back"),
            between("change_chance", 0, 0.5, "the less likely side is at most a half"),
            between("information_value", 0, None, "knowing more costs nothing"),
        ],
    )


SUITES: Suites = {
    "responses": (responses,),
    "response_points": (),
    "checks": (),
    "mixes": (mixes,),
    "recommendations": (),
    "reviews": (),
    "next_tests": (next_tests,),
}
