"""Suites of what the study of points writes: shares within their bounds, nothing from nothing."""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def rates() -> gx.ExpectationSuite:
    """A rate within its interval, which nobody could take for more than all points."""
    return rows_suite(
        "points.rates",
        [
            not_null("as_of_date", "every rate has its date"),
            *(
                between(column, 0, 1, f"{column} is a share")
                for column in ("redemption_rate", "redemption_rate_low", "redemption_rate_high")
            ),
            at_least("redemption_rate_high", "redemption_rate", "the rate is within its interval"),
            at_least("redemption_rate", "redemption_rate_low", "the rate is within its interval"),
            at_least("earned_points", "redeemed_points", "no more was redeemed than earned"),
        ],
    )


def cohorts() -> gx.ExpectationSuite:
    """No cohort gives back what was redeemed, nor redeems what it has not."""
    return rows_suite(
        "points.cohorts",
        [
            not_null("as_of_date", "every cohort has its date"),
            at_least("ultimate_points", "redeemed_points", "what is redeemed stays redeemed"),
            at_least("ultimate_points_high", "ultimate_points", "the end is within its interval"),
            at_least("ultimate_points", "ultimate_points_low", "the end is within its interval"),
            between("outstanding_points", 0, None, "no cohort has less than nothing left"),
        ],
    )


SUITES: Suites = {"rates": (rates,), "cohorts": (cohorts,)}
