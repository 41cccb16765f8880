"""The tables that the study of segments writes."""

from __future__ import annotations

from scoring.study import Column, Table

_AS_OF = Column("as_of_date", "date", "As-of date of the run.")
_CLUSTER = Column("cluster", "bigint", "Number of the cluster within the run, from 1.")
_SEGMENT = Column(
    "segment",
    "varchar",
    "Name of the cluster, after what sets it apart; null where it does not come back well "
    "enough to be a segment.",
)

TABLES = (
    Table(
        "customer_clusters",
        "Which behavioural segment each customer is in, and what their shopping is like, as far as "
        "there is evidence. One row per customer with a valid order in the window.",
        key=("customer_id",),
        columns=(
            Column("customer_id", "varchar", "Customer."),
            _AS_OF,
            Column("segment", "varchar", "Behavioural segment; null without one, see reason."),
            Column(
                "strength",
                "double",
                "Probability of being in the segment rather than another; null without one.",
            ),
            Column(
                "reason",
                "varchar",
                "Why there is no segment: too_few_orders, too_few_customers, nothing_known, "
                "no_clusters or unstable_cluster; null with one.",
            ),
            Column(
                "earlier_segment",
                "varchar",
                "Segment by the same clusters over the window that ended segment_moved_days "
                "before; null where the customer had too few orders then.",
            ),
            Column("item_value", "double", "Net revenue per line, shrunk to the base's."),
            Column("basket_size", "double", "Lines per order, shrunk to the base's."),
            Column(
                "breadth",
                "double",
                "Categories bought over those to expect of as many lines, shrunk to the base's.",
            ),
            Column("discount_share", "double", "Share of lines below the shelf price, shrunk."),
            Column("private_label_share", "double", "Share of lines of private label, shrunk."),
            Column("fresh_share", "double", "Share of lines of fresh food, shrunk."),
            Column("weekend_share", "double", "Share of orders on a weekend, shrunk."),
            Column("evening_share", "double", "Share of orders in the evening, shrunk."),
            Column("online_share", "double", "Share of orders by a digital channel, shrunk."),
            Column("service_contacts", "double", "Service tickets per order, shrunk."),
        ),
    ),
    Table(
        "segment_clusters",
        "What each cluster is, of this run and earlier ones. One row per as-of date and cluster.",
        key=("as_of_date", "cluster"),
        history=True,
        columns=(
            _AS_OF,
            _CLUSTER,
            _SEGMENT,
            Column("weight", "double", "Share of the customers that the mixture gives it."),
            Column(
                "jaccard",
                "double",
                "Overlap with its like in bootstrap samples, mean: both over either.",
            ),
            Column(
                "last_overlap",
                "double",
                "Overlap, among the customers fitted on, of what the clusters of the last run and "
                "those found now say; null without a last run.",
            ),
            Column("driver_1", "varchar", "What sets it apart most; null if nothing does."),
            Column("driver_2", "varchar", "What sets it apart second most; null without one."),
            Column("driver_3", "varchar", "What sets it apart third most; null without one."),
        ),
    ),
    Table(
        "segment_centres",
        "The clusters of this run and earlier ones as a later run reads them: normal "
        "distributions, in the space in which features are compared. One row per as-of date, "
        "cluster and feature.",
        key=("as_of_date", "cluster", "feature"),
        history=True,
        columns=(
            _AS_OF,
            _CLUSTER,
            Column("feature", "varchar", "Name of the feature."),
            _SEGMENT,
            Column("fitted_on", "date", "As-of date of the run that found the clusters."),
            Column("weight", "double", "Share of the customers that the mixture gives it."),
            Column("centre", "double", "Mean of the feature in the cluster."),
            Column("variance", "double", "Variance of the feature in the cluster."),
        ),
    ),
    Table(
        "segment_runs",
        "How stable the segments of each run are. One row per as-of date.",
        key=("as_of_date",),
        history=True,
        columns=(
            _AS_OF,
            Column("last_as_of_date", "date", "As-of date of the run before; null if first."),
            Column("fitted_on", "date", "As-of date of the clusters in use; null without any."),
            Column(
                "outcome",
                "varchar",
                "first, kept, refitted, or why there are no segments: too_few_customers, "
                "nothing_known or no_clusters.",
            ),
            Column("customers", "bigint", "Customers with a valid order in the window."),
            Column("fitted_customers", "bigint", "Customers that clusters were fitted on."),
            Column("clusters", "bigint", "Number of clusters."),
            Column("jaccard_mean", "double", "Mean overlap of clusters in bootstrap samples."),
            Column("jaccard_least", "double", "Overlap of the cluster that came back worst."),
            Column(
                "last_overlap_least",
                "double",
                "Least overlap of the last run's clusters with those found now; 0 where their "
                "number differs, null without a last run.",
            ),
            Column(
                "compared_customers",
                "bigint",
                "Customers in a segment now and segment_moved_days before.",
            ),
            Column("moved_customers", "bigint", "Those of them whose segment differs."),
            Column("features", "varchar", "Features used, with commas between."),
            Column("features_unknown", "varchar", "Features that too few customers have."),
            Column("features_alike", "varchar", "Features in which customers hardly differ."),
            Column(
                "tried",
                "varchar",
                "Numbers of clusters tried: number, mean overlap and least overlap.",
            ),
        ),
    ),
)

BY_NAME = {table.name: table for table in TABLES}
