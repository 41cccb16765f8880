"""Suites of what the study of satisfaction writes: shares that add up, effects that can be.

Keys and lists of names are tested by dbt, which reads the table next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import Measures, at_least, between, not_null, rows_suite


def drivers() -> gx.ExpectationSuite:
    """Shares and effects within their intervals, and none that nobody could believe."""
    return rows_suite(
        "satisfaction.drivers",
        [
            not_null("as_of_date", "every driver has its date"),
            *(
                between(column, 0, 1, f"{column} is a share")
                for column in ("asked_share", "r2_all", "r2_share", "returned_share")
            ),
            between("mean_score", 0, 5, "scores are of five"),
            between("vif", 1, None, "variance inflation is at least one"),
            between("retention_effect", -1, 1, "no point of five is worth more than a customer"),
            at_least("r2_share_high", "r2_share", "the share is not above its interval"),
            at_least("r2_share", "r2_share_low", "the share is not below its interval"),
            at_least("retention_effect_high", "retention_effect", "nor is the effect"),
            at_least("retention_effect", "retention_effect_low", "nor is the effect"),
        ],
    )


def drivers_totals() -> gx.ExpectationSuite:
    """What the dimensions explain is divided among them, and nothing else is."""
    measures = Measures("satisfaction.drivers", key=("dimension",), name="satisfaction.drivers sum")
    measures.value(
        "sum of the shares",
        "sum(r2_share)",
        "the shares of what all dimensions explain sum to one",
        "critical",
        low=0.9999,
        high=1.0001,
    )
    return measures.suite()


SUITES: Suites = {"drivers": (drivers, drivers_totals)}
