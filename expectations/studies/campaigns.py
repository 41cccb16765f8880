"""Suites of what the study of campaigns writes: ranges, and intervals around what they are of.

Keys and lists of names are tested by dbt, which reads the table next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def estimates() -> gx.ExpectationSuite:
    """Effects within their intervals, and probabilities that are some."""
    return rows_suite(
        "campaigns.estimates",
        [
            not_null("as_of_date", "every estimate has its date"),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in (
                    *("treated_customers", "control_customers", "standard_error"),
                    "breakdown_value",
                )
            ),
            *(
                between(column, 0, 1, f"{column} is a probability")
                for column in ("p_value", "before_p_value", "adjusted_p_value", "rest_p_value")
            ),
            at_least("interval_high", "effect", "the effect is not above its interval"),
            at_least("effect", "interval_low", "the effect is not below its interval"),
            at_least("interval_90_low", "interval_low", "the narrow interval is in the wide one"),
            at_least("interval_high", "interval_90_high", "the narrow interval is in the wide one"),
            at_least(
                "placebo_units", "placebo_units_found", "no more groups are found than there are"
            ),
        ],
    )


SUITES: Suites = {"estimates": (estimates,)}
