"""The table that the study of campaigns writes."""

from __future__ import annotations

from scoring.study import Column, Table

ESTIMATES = Table(
    "estimates",
    "What each estimator says of a campaign. One row per campaign, arm, segment, outcome and "
    "estimator.",
    key=("campaign_id", "arm", "segment_kind", "segment", "outcome", "estimator"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        Column("campaign_id", "varchar", "Campaign; programme: all campaigns together."),
        Column("arm", "varchar", "Variant that was shown; all: any of them."),
        Column("segment_kind", "varchar", "What customers are told apart by; all: not at all."),
        Column("segment", "varchar", "Segment of that kind."),
        Column("outcome", "varchar", "What the effect is on."),
        Column("estimator", "varchar", "How the effect was estimated."),
        Column("treated_customers", "double", "Customers chosen that the estimate rests on."),
        Column("control_customers", "double", "Customers that they are compared with."),
        Column("treated_mean", "double", "Mean outcome of those chosen."),
        Column("control_mean", "double", "Mean outcome of those they are compared with."),
        Column("naive_effect", "double", "Difference of the two means, adjusted for nothing."),
        Column("effect", "double", "Effect per customer over the days measured."),
        Column("standard_error", "double", "Standard error of the effect."),
        Column("interval_low", "double", "Low end of the 95% interval of the effect."),
        Column("interval_high", "double", "High end of the 95% interval of the effect."),
        Column("interval_90_low", "double", "Low end of the 90% interval of the effect."),
        Column("interval_90_high", "double", "High end of the 90% interval of the effect."),
        Column("p_value", "double", "Probability of so large an effect if there is none."),
        Column(
            "before_p_value",
            "double",
            "Of random groups: probability of so large a difference before the campaign.",
        ),
        Column("placebo_effect", "double", "What the estimator finds in the days before."),
        Column("placebo_low", "double", "Low end of the 90% interval of that."),
        Column("placebo_high", "double", "High end of the 90% interval of that."),
        Column(
            "placebo_units", "bigint", "Groups of others that were taken for chosen, one by one."
        ),
        Column(
            "placebo_units_found",
            "bigint",
            "Of those groups, how many have an effect whose 90% interval is not about zero.",
        ),
        Column(
            "breakdown_value",
            "double",
            "How many times what the placebo found a bias may be before the 95% interval holds "
            "zero.",
        ),
        Column("rest_difference", "double", "Effect in the segment less that in all others."),
        Column("rest_p_value", "double", "Probability of so large a difference if there is none."),
        Column("adjusted_p_value", "double", "The p value, corrected for all segments looked at."),
        Column(
            "rest_adjusted_p_value",
            "double",
            "That of the difference to others, corrected for all segments looked at.",
        ),
        Column("reason", "varchar", "Why there is no estimate; null where there is one."),
    ),
)

TABLES = (ESTIMATES,)
