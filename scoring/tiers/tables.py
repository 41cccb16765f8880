"""The table that the study of tiers writes."""

from __future__ import annotations

from scoring.study import Column, Table

THRESHOLD_EFFECTS = Table(
    "threshold_effects",
    "What a tier brings at its threshold, and whether members bunch there. One row per criterion, "
    "tier and outcome.",
    key=("criterion", "tier", "outcome"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("criterion", "varchar", "What the tier is given by."),
        Column("tier", "varchar", "Tier that begins at the threshold; any_tier: all thresholds."),
        Column(
            "outcome",
            "varchar",
            "net_revenue, orders and stayed (bought at all) in the days after the review; "
            "net_revenue_before: in as many days before the window, on which no tier can act.",
        ),
        Column("reviewed_on", "date", "Last day of the window that was reviewed."),
        Column("threshold", "double", "Amount from which a member has the tier; null of any_tier."),
        Column(
            "effect",
            "double",
            "Jump of the outcome at the threshold: local linear, triangular kernel, less its bias.",
        ),
        Column("standard_error", "double", "Its standard error, that of the bias included."),
        Column("effect_low", "double", "Low end of the robust 90% interval of the effect."),
        Column("effect_high", "double", "High end of the robust 90% interval of the effect."),
        Column("p_value", "double", "Of no effect."),
        Column("effect_conventional", "double", "The jump without the correction of its bias."),
        Column("level_below", "double", "The outcome just below the threshold."),
        Column("bandwidth", "double", "Distance from the threshold within which members count."),
        Column("members_below", "bigint", "Members below the threshold, one tier deep."),
        Column("members_above", "bigint", "Members above it."),
        Column("members_near_below", "bigint", "Members within the bandwidth below."),
        Column("members_near_above", "bigint", "Members within the bandwidth above."),
        Column("naive_difference", "double", "Mean of all above less that of all below."),
        Column("naive_low", "double", "Low end of the 90% interval of the naive difference."),
        Column("naive_high", "double", "High end of the 90% interval of the naive difference."),
        Column(
            "density_ratio",
            "double",
            "Density of members just above the threshold over that just below; 1 without bunching.",
        ),
        Column("density_p_value", "double", "Of no jump of the density at the threshold."),
        Column("reason", "varchar", "Why there is no effect; null where there is one."),
    ),
)

TABLES = (THRESHOLD_EFFECTS,)
