"""The tables that the study of points writes."""

from __future__ import annotations

from scoring.study import Column, Table

_EVALUATED = Column(
    "evaluated_month",
    "date",
    "First day of the last month that was known; nothing later is used.",
)

RATES = Table(
    "rates",
    "Which share of the points earned will be redeemed in the end, as it was to be told month by "
    "month. One row per month.",
    key=("evaluated_month",),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        _EVALUATED,
        Column("earned_points", "double", "Points earned so far, without those taken back."),
        Column("redeemed_points", "double", "Of these, redeemed so far."),
        Column(
            "redemption_rate",
            "double",
            "Share that will be redeemed in the end; null where that cannot be told.",
        ),
        Column("redemption_rate_low", "double", "Low end of its 90% interval."),
        Column("redemption_rate_high", "double", "High end of its 90% interval."),
        Column(
            "tail_share",
            "double",
            "Share of what will be redeemed that comes at ages that no cohort has reached yet.",
        ),
        Column("cohorts", "bigint", "Months in which points were earned."),
        Column("reason", "varchar", "Why there is no rate; null where there is one."),
    ),
)

COHORTS = Table(
    "cohorts",
    "What is redeemed of the points earned in a month, as it was to be told month by month. "
    "One row per month of evaluation and month of earning.",
    key=("evaluated_month", "cohort_month"),
    columns=(
        Column("as_of_date", "date", "As-of date of the run."),
        _EVALUATED,
        Column("cohort_month", "date", "First day of the month in which the points were earned."),
        Column("age_months", "bigint", "Months from earning to the month of evaluation."),
        Column("earned_points", "double", "Points earned, without those taken back so far."),
        Column("redeemed_points", "double", "Of these, redeemed so far."),
        Column("outstanding_points", "double", "Neither redeemed nor expired nor taken back."),
        Column(
            "developed_share",
            "double",
            "Share of what will be redeemed that is redeemed at this age; null where unknown.",
        ),
        Column("ultimate_points", "double", "Points that will be redeemed in the end."),
        Column("ultimate_points_low", "double", "Low end of its 90% interval."),
        Column("ultimate_points_high", "double", "High end of its 90% interval."),
        Column(
            "ahead_points",
            "double",
            "Points that will have been redeemed var points_backtest_months later.",
        ),
        Column("ahead_points_low", "double", "Low end of its 90% interval."),
        Column("ahead_points_high", "double", "High end of its 90% interval."),
        Column("basis", "varchar", "How it is known; null where it is not."),
    ),
)

TABLES = (RATES, COHORTS)
