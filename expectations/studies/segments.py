"""Suites of what the study of segments writes: ranges, completeness, sizes that one can use.

Keys and lists of names are tested by dbt, which reads the tables next.
"""

from __future__ import annotations

import great_expectations as gx

from expectations.studies import Suites
from expectations.suites import Measures, at_least, between, not_null, rows_suite

_BASE = "intermediate.int_customer_shopping"
_SHARES = (
    *("discount_share", "private_label_share", "fresh_share"),
    *("weekend_share", "evening_share", "online_share"),
)


def customer_clusters() -> gx.ExpectationSuite:
    """Probabilities, shares and means that are possible."""
    return rows_suite(
        "segments.customer_clusters",
        [
            not_null("as_of_date", "every row has its date"),
            between("strength", 0, 1, "strength is a probability"),
            *(between(name, 0, 1, f"{name} is a share") for name in _SHARES),
            *(
                between(name, 0, None, f"{name} is not negative")
                for name in ("item_value", "basket_size", "breadth", "service_contacts")
            ),
        ],
    )


def customer_clusters_totals() -> gx.ExpectationSuite:
    """Everybody who bought in the window, each in a segment or told why not."""
    measures = Measures(
        "segments.customer_clusters", key=("customer_id",), name="segments.customer_clusters totals"
    )
    measures.value(
        "customers without a row",
        f"(select count(*) from {_BASE} where snapshot = 'current') - count(distinct customer_id)",
        "every customer with an order in the window has a row, and nobody else",
        "critical",
        low=0,
        high=0,
    )
    measures.rows(
        "neither segment nor reason",
        "(segment is null) <> (reason is not null) or (segment is null) <> (strength is null)",
        "a customer has a segment and how firmly, or the reason why not",
        column="reason",
        severity="critical",
    )
    # A segment of nearly all tells nobody apart; one of next to nobody is nobody's business.
    measures.value(
        "share of the largest segment",
        "(select max(customers) / sum(customers) from (select count(*) as customers"
        " from segments.customer_clusters where segment is not null group by segment)"
        " having sum(customers) >= 1000)",
        "no segment holds nine in ten of those who are in one",
        "warning",
        high=0.9,
    )
    measures.value(
        "mean strength",
        "avg(strength)",
        "customers belong to their segment rather than between two",
        "warning",
        low=0.6,
    )
    measures.value(
        "share in an unstable cluster",
        "avg(case when reason = 'unstable_cluster' then 1.0 else 0.0 end)",
        "at most half of the customers are in a cluster that does not come back",
        "warning",
        high=0.5,
    )
    return measures.suite()


def segment_clusters() -> gx.ExpectationSuite:
    """Weights and overlaps that are possible."""
    return rows_suite(
        "segments.segment_clusters",
        [
            between("cluster", 1, None, "clusters are counted from one"),
            *(
                between(name, 0, 1 + 1e-9, f"{name} is a share")
                for name in ("weight", "jaccard", "last_overlap")
            ),
        ],
    )


def segment_clusters_names() -> gx.ExpectationSuite:
    """Each name once, and weights that add up."""
    measures = Measures(
        "segments.segment_clusters",
        key=("as_of_date", "cluster"),
        name="segments.segment_clusters names",
    )
    measures.value(
        "names used twice",
        "count(segment) - count(distinct case when segment is not null"
        " then hash(as_of_date, segment) end)",
        "no two clusters of a run have one name",
        "critical",
        low=0,
        high=0,
    )
    measures.value(
        "farthest sum of weights from one",
        "(select max(abs(weights - 1)) from (select sum(weight) as weights"
        " from segments.segment_clusters group by as_of_date))",
        "the weights of a run's clusters add up to one",
        "critical",
        high=1e-6,
    )
    return measures.suite()


def segment_centres() -> gx.ExpectationSuite:
    """Clusters that a later run can read."""
    return rows_suite(
        "segments.segment_centres",
        [
            *(
                not_null(name, f"every row has its {name}")
                for name in ("fitted_on", "weight", "centre", "variance")
            ),
            between("variance", 0, None, "no variance is negative"),
            at_least("as_of_date", "fitted_on", "clusters are not younger than their run"),
        ],
    )


def segment_runs() -> gx.ExpectationSuite:
    """Figures that are possible."""
    return rows_suite(
        "segments.segment_runs",
        [
            not_null("outcome", "every run tells how it came out"),
            at_least("customers", "fitted_customers", "those fitted on are among all"),
            at_least("compared_customers", "moved_customers", "those who moved were compared"),
            at_least("jaccard_mean", "jaccard_least", "the least overlap is below the mean"),
        ],
    )


def segment_runs_moves() -> gx.ExpectationSuite:
    """Not so many moved that nobody can plan with the segments."""
    measures = Measures(
        "segments.segment_runs", key=("as_of_date",), name="segments.segment_runs moves"
    )
    measures.value(
        "share of customers who moved",
        "(select moved_customers / nullif(compared_customers, 0) from segments.segment_runs"
        " where compared_customers >= 200 order by as_of_date desc limit 1)",
        "at most a third of the customers changed their segment",
        "warning",
        high=1 / 3,
    )
    return measures.suite()


SUITES: Suites = {
    "customer_clusters": (customer_clusters, customer_clusters_totals),
    "segment_clusters": (segment_clusters, segment_clusters_names),
    "segment_centres": (segment_centres,),
    "segment_runs": (segment_runs, segment_runs_moves),
}
