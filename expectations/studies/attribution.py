"""Suites of what the study of attribution writes: shares that are shares, and add up.

Keys and lists of names are tested by dbt, which reads the table next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import Measures, at_least, between, not_null, rows_suite


def attribution_shares() -> gx.ExpectationSuite:
    """Shares within their intervals."""
    return rows_suite(
        "attribution.attribution_shares",
        [
            not_null("as_of_date", "every share has its date"),
            not_null("status", "every share has a status"),
            *(
                between(column, 0, 1, f"{column} is a share")
                for column in ("removal_effect", "share", "share_lower", "share_upper")
            ),
            *(
                between(column, 0, None, f"{column} is not negative")
                for column in ("share_cv", "journeys", "converting_journeys", "groups")
            ),
            at_least("share_upper", "share", "the share is not above its interval"),
            at_least("share", "share_lower", "the share is not below its interval"),
            at_least("journeys", "converting_journeys", "who converted by it met the channel"),
        ],
    )


def attribution_shares_totals() -> gx.ExpectationSuite:
    """No model gives away more than there is, and what is not told says why."""
    measures = Measures(
        "attribution.attribution_shares",
        key=("attribution_model", "customer_kind", "channel_key"),
        name="attribution.attribution_shares sums",
    )
    measures.value(
        "largest sum of shares",
        "(select max(total) from (select sum(share) as total from "
        "attribution.attribution_shares group by attribution_model, customer_kind))",
        "no model gives away more than all conversions",
        "critical",
        high=1.0001,
    )
    measures.value(
        "smallest sum of shares that are all told",
        "(select min(total) from (select sum(share) as total from "
        "attribution.attribution_shares group by attribution_model, customer_kind "
        "having count(share) = count(*)))",
        "a model that tells every share gives all conversions away",
        "critical",
        low=0.9999,
    )
    measures.value(
        "rows whose share and status contradict each other",
        "count(*) filter (where (status = 'ok') <> (share is not null) "
        "or (status = 'ok') <> (reason is null))",
        "there is a share where the status is ok, and else a reason",
        "critical",
        low=0,
        high=0,
    )
    return measures.suite()


SUITES: Suites = {"attribution_shares": (attribution_shares, attribution_shares_totals)}
