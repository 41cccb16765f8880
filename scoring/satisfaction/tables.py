"""The table that the study of satisfaction writes."""

from __future__ import annotations

from scoring.study import Column, Table

DRIVERS = Table(
    "drivers",
    "What overall satisfaction follows from, and whether who is content comes back. One row per "
    "dimension, and one for overall.",
    key=("dimension",),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("dimension", "varchar", "What was rated; overall for all of it."),
        Column("sheets", "bigint", "Sheets that rate it; of a dimension with a rating of all."),
        Column("asked_share", "double", "Its share of the sheets with a rating of all."),
        Column("mean_score", "double", "Mean score, of five."),
        Column("r2_all", "double", "Share of the variance of overall that all dimensions explain."),
        Column(
            "r2_share",
            "double",
            "Part of r2_all that is the dimension's where all are asked: the mean, over all orders "
            "in which dimensions can be added, of what it adds (Lindeman, Merenda and Gold; "
            "Shapley). They sum to 1.",
        ),
        Column("r2_share_low", "double", "Low end of its 95% bootstrap interval."),
        Column("r2_share_high", "double", "High end of its 95% bootstrap interval."),
        Column(
            "vif",
            "double",
            "Variance inflation: 1 where the other dimensions say nothing of it; null where they "
            "say all.",
        ),
        Column("importance_rank", "bigint", "Rank by r2_share, 1 most."),
        Column("importance_reason", "varchar", "Why there is no r2_share; null where there is."),
        Column("retention_sheets", "bigint", "Sheets whose outcome is known and may be used."),
        Column(
            "refused_sheets",
            "bigint",
            "Sheets that were answered when the customer had left already, so that the answer "
            "knows the outcome.",
        ),
        Column("returned_share", "double", "Share of retention_sheets with a purchase after."),
        Column(
            "retention_effect",
            "double",
            "Change of the probability of a purchase in the horizon for a point of five more, "
            "among customers with the same rhythm and value; of a dimension with the others "
            "unchanged.",
        ),
        Column("retention_effect_low", "double", "Low end of its 95% interval."),
        Column("retention_effect_high", "double", "High end of its 95% interval."),
        Column("retention_rank", "bigint", "Rank of dimensions by retention_effect, 1 most."),
        Column("retention_reason", "varchar", "Why there is no effect; null where there is."),
    ),
)

TABLES = (DRIVERS,)
