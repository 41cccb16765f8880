"""Suites of what the study of actions writes: ranges, and intervals around what they are of.

Keys and lists of names are tested by dbt, which reads the tables next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def effects() -> gx.ExpectationSuite:
    """Effects within their intervals, of decisions that are there."""
    return rows_suite(
        "actions.effects",
        [
            not_null("as_of_date", "every effect has its date"),
            between("standard_error", 0, None, "a standard error is not negative"),
            *(
                between(column, 0, 1, f"{column} is a share")
                for column in ("p_value", "sample_ratio_p", "planned_control_share")
            ),
            at_least("interval_high", "effect", "the effect is not above its interval"),
            at_least("effect", "interval_low", "the effect is not below its interval"),
            at_least("treated_decisions", "taken_decisions", "what was done had been decided"),
            at_least("control_decisions", "crossovers", "who crossed over had been held back"),
        ],
    )


def uplifts() -> gx.ExpectationSuite:
    """Uplifts within their intervals."""
    return rows_suite(
        "actions.uplifts",
        [
            not_null("uplift", "an action with enough of a log has an uplift for everybody"),
            at_least("uplift_high", "uplift", "the uplift is not above its interval"),
            at_least("uplift", "uplift_low", "the uplift is not below its interval"),
        ],
    )


def policy_values() -> gx.ExpectationSuite:
    """Values within their intervals, of shares."""
    return rows_suite(
        "actions.policy_values",
        [
            not_null("value", "every policy has a value"),
            between("acted_share", 0, 1, "what is acted on is a share"),
            at_least("value_high", "value", "the value is not above its interval"),
            at_least("value", "value_low", "the value is not below its interval"),
        ],
    )


SUITES: Suites = {
    "effects": (effects,),
    "uplifts": (uplifts,),
    "policy_values": (policy_values,),
}
