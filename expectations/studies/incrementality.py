"""Suites of what the study of incrementality writes: ranges, and intervals around what they are of.

Keys and lists of names are tested by dbt, which reads the tables next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import at_least, between, not_null, rows_suite


def channel_increments() -> gx.ExpectationSuite:
    """Increments within their intervals, and shares that are some."""
    return rows_suite(
        "incrementality.channel_increments",
        [
            not_null("as_of_date", "every increment has its date"),
            not_null("status", "it is said whether it can be told"),
            *(
                between(column, 0, 1, f"{column} is a share")
                for column in ("incremental_share", "share_lower", "share_upper", "saturation")
            ),
            at_least("upper", "incremental_orders", "the increment is not above its interval"),
            at_least("incremental_orders", "lower", "the increment is not below its interval"),
            at_least("share_upper", "incremental_share", "the share is not above its interval"),
            at_least("incremental_share", "share_lower", "the share is not below its interval"),
        ],
    )


def touch_effects() -> gx.ExpectationSuite:
    """What a touch adds on a day: something, and not more than anybody would believe."""
    return rows_suite(
        "incrementality.touch_effects",
        [
            not_null("orders_added", "every effect is known"),
            between("orders_added", 0, 3, "a touch adds at most a few orders on a day"),
            between("days_after", 0, None, "nothing is added before the touch"),
        ],
    )


SUITES: Suites = {
    "channel_increments": (channel_increments,),
    "touch_effects": (touch_effects,),
}
