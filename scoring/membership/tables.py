"""The table that the study of membership writes."""

from __future__ import annotations

from scoring.study import Column, Table

JOIN_EFFECTS = Table(
    "join_effects",
    "What joining brings by month, against customers who had not joined yet. One row per outcome, "
    "term and month from joining.",
    key=("outcome", "term", "months_from_joining"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("outcome", "varchar", "net_revenue or orders, of a customer in a month."),
        Column(
            "term",
            "varchar",
            "effect: mean of the months after joining, that of joining left out; placebo: mean of "
            "those before, in which there is no effect; month: one of them.",
        ),
        Column(
            "months_from_joining",
            "bigint",
            "Months since that of joining, below zero before; of a mean the last one in it.",
        ),
        Column("estimate", "double", "What joining brought in a month."),
        Column("standard_error", "double", "Its standard error, by customer."),
        Column("interval_low", "double", "Low end of the 90% interval."),
        Column("interval_high", "double", "High end of the 90% interval."),
        Column("p_value", "double", "Of no effect."),
        Column(
            "breakdown_value",
            "double",
            "Of the effect: how many times the largest change from month to month before joining "
            "that was not common to both may be repeated after it until zero lies in the "
            "interval (Rambachan and Roth); 0 where it does anyway.",
        ),
        Column("customers", "bigint", "Customers who joined, those who serve to compare included."),
        Column("reason", "varchar", "Why there is no estimate; null where there is one."),
    ),
)

TABLES = (JOIN_EFFECTS,)
