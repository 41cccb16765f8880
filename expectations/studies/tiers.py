"""Suites of what the study of tiers writes: ranges, and intervals around what they are of.

Keys and lists of names are tested by dbt, which reads the table next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def threshold_effects() -> gx.ExpectationSuite:
    """Effects within their intervals, of members who are there."""
    return rows_suite(
        "tiers.threshold_effects",
        [
            not_null("as_of_date", "every effect has its date"),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in ("standard_error", "bandwidth", "members_below", "members_above")
            ),
            *(
                between(column, 0, 1, f"{column} is a probability")
                for column in ("p_value", "density_p_value")
            ),
            at_least("effect_high", "effect", "the effect is not above its interval"),
            at_least("effect", "effect_low", "the effect is not below its interval"),
            at_least("members_below", "members_near_below", "who is near below is below"),
            at_least("members_above", "members_near_above", "who is near above is above"),
        ],
    )


SUITES: Suites = {"threshold_effects": (threshold_effects,)}
