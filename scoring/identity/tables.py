"""The tables that the study of identity writes."""

from __future__ import annotations

from scoring.study import Column, Table

_AS_OF = Column("as_of_date", "date", "As-of date of the run.")
_RELATION = Column("relation", "varchar", "person or household.")

CLUSTERS = Table(
    "clusters",
    "Customers who are one person or live in one household; who is alone is in none. One row per "
    "relation and customer.",
    key=("relation", "customer_id"),
    columns=(
        _AS_OF,
        _RELATION,
        Column("customer_id", "varchar", "Customer."),
        Column(
            "cluster_id",
            "varchar",
            "Number of the customer in the cluster who was seen first.",
        ),
        Column("customers", "bigint", "Customers in the cluster."),
    ),
)

REFUSALS = Table(
    "refusals",
    "Edges that would have joined too much. One row per relation, rule and pair of customers.",
    key=("relation", "rule", "customer_id", "earlier_customer_id"),
    columns=(
        _AS_OF,
        _RELATION,
        Column("rule", "varchar", "What the two share."),
        Column("customer_id", "varchar", "Customer who was seen later."),
        Column("earlier_customer_id", "varchar", "Customer who was seen earlier."),
        Column("refusal_reason", "varchar", "Which limit it would have broken."),
    ),
)

TABLES = (CLUSTERS, REFUSALS)
