"""Suites of what the study of identity writes: clusters of several, refusals of two customers."""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import between, not_null, rows_suite


def clusters() -> gx.ExpectationSuite:
    """Of several customers each."""
    return rows_suite(
        "identity.clusters",
        [
            not_null("customer_id", "every row is of a customer"),
            not_null("cluster_id", "every customer listed is in a cluster"),
            between("customers", 2, None, "a cluster has several customers"),
        ],
    )


def refusals() -> gx.ExpectationSuite:
    """With a reason each."""
    return rows_suite(
        "identity.refusals",
        [
            not_null("customer_id", "every edge has two customers"),
            not_null("earlier_customer_id", "every edge has two customers"),
            not_null("refusal_reason", "every refusal has a reason"),
        ],
    )


SUITES: Suites = {"clusters": (clusters,), "refusals": (refusals,)}
