"""Suites of what the study of prices writes: ranges, and intervals around what they are of.

Keys and lists of names are tested by dbt, which reads the table next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def elasticities() -> gx.ExpectationSuite:
    """Estimates within their intervals, and none that nobody could believe."""
    return rows_suite(
        "price.elasticities",
        [
            not_null("as_of_date", "every elasticity has its date"),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in ("own_standard_error", "standard_error", "stores", "weeks")
            ),
            between("own_weight", 0, 1, "the own estimate has a share of the weight"),
            between("estimate", -50, 50, "no demand follows its price so closely"),
            at_least("interval_high", "estimate", "the estimate is not above its interval"),
            at_least("estimate", "interval_low", "the estimate is not below its interval"),
            at_least("observations", "weeks", "each week has an observation at least"),
        ],
    )


SUITES: Suites = {"elasticities": (elasticities,)}
