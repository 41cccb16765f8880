"""Suites of what the study of membership writes: ranges, and intervals around what they are of.

Keys and lists of names are tested by dbt, which reads the table next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def join_effects() -> gx.ExpectationSuite:
    """Estimates within their intervals, of customers who joined."""
    return rows_suite(
        "membership.join_effects",
        [
            not_null("as_of_date", "every estimate has its date"),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in ("standard_error", "breakdown_value")
            ),
            between("p_value", 0, 1, "p_value is a probability"),
            between("customers", 1, None, "somebody joined"),
            at_least("interval_high", "estimate", "the estimate is not above its interval"),
            at_least("estimate", "interval_low", "the estimate is not below its interval"),
        ],
    )


SUITES: Suites = {"join_effects": (join_effects,)}
