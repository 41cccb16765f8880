"""The table that the study of prices writes."""

from __future__ import annotations

from scoring.study import Column, Table

ELASTICITIES = Table(
    "elasticities",
    "How units follow a price or a placement, on two levels. One row per level, category, item "
    "and measure.",
    key=("level", "category", "item", "measure"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column(
            "level",
            "varchar",
            "product: prices of others in its category unchanged; category: its volume against its "
            "price index.",
        ),
        Column("category", "varchar", "Category."),
        Column("item", "varchar", "Product or category; of a placement the category."),
        Column(
            "measure",
            "varchar",
            "price: change of units in per cent for one per cent of the price paid; regular_price "
            "and promotion: the same of its two parts; display, mailer and after_promotion: "
            "change of the logarithm of units.",
        ),
        Column(
            "own_estimate",
            "double",
            "What the item's own sales say; null where they say nothing.",
        ),
        Column(
            "own_standard_error",
            "double",
            "Its standard error: the largest of those by store, by week and by both.",
        ),
        Column(
            "estimate",
            "double",
            "The own estimate, drawn towards those of its like by how little it is known.",
        ),
        Column("standard_error", "double", "Standard error of the estimate."),
        Column("interval_low", "double", "Low end of the 95% interval of the estimate."),
        Column("interval_high", "double", "High end of the 95% interval of the estimate."),
        Column("own_weight", "double", "Weight of the own estimate in the estimate, 0 to 1."),
        Column("stores", "bigint", "Stores that the estimate rests on."),
        Column("weeks", "bigint", "Weeks that the estimate rests on."),
        Column("observations", "bigint", "Weeks of the item in stores that the estimate rests on."),
        Column("reason", "varchar", "Why there is no estimate; null where there is one."),
    ),
)

TABLES = (ELASTICITIES,)
