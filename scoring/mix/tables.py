"""The tables that the study of the mix writes."""

from __future__ import annotations

from scoring.study import Column, Table

_AS_OF = Column("as_of_date", "date", "As-of date of the run.")
_CHANNEL = Column("channel_id", "varchar", "Marketing channel.")
_OF_CHANNEL = Column("channel_id", "varchar", "Marketing channel; (total) for all together.")
_SCENARIO = Column(
    "scenario",
    "varchar",
    "same_total: today's total; target_return: as much as brings the target with its last unit; "
    "minimum_return: as much volume as returns the minimum on average.",
)
_REASON = Column("reason", "varchar", "Why nothing is told or moved; null otherwise.")

RESPONSES = Table(
    "responses",
    "What a channel's spend brings, by period, and how that bends. One row per marketing channel.",
    key=("channel_id",),
    columns=(
        _AS_OF,
        _CHANNEL,
        Column(
            "response_basis",
            "varchar",
            "incremental: touches bought times the incremental margin of a touch; total: the whole "
            "margin regressed on spend; null without an estimate.",
        ),
        Column("period_kind", "varchar", "week or month: how spend landed; null without spend."),
        Column("periods", "bigint", "Periods with known spend."),
        Column("spend_per_month", "double", "Spend of an average month of the recent months."),
        Column("margin_per_month", "double", "Margin that it brings, at today's curve."),
        Column("margin_low", "double", "Low end of its interval."),
        Column("margin_high", "double", "High end of its interval."),
        Column("average_return", "double", "Margin for each unit of today's spend."),
        Column("average_return_low", "double", "Low end of its interval."),
        Column("average_return_high", "double", "High end of its interval."),
        Column("marginal_return", "double", "Margin that the next unit of spend brings."),
        Column("marginal_return_low", "double", "Low end of its interval."),
        Column("marginal_return_high", "double", "High end of its interval."),
        Column(
            "saturation", "double", "Today's response as a share of the most that spend can bring."
        ),
        Column("bend", "double", "How far the curve is bent at the mean spend; 0 is straight."),
        Column(
            "carry_over",
            "double",
            "Share of what acts in a period that does in the next; null where touches have dates.",
        ),
        Column("touches_per_month", "double", "Touches that today's spend buys in a month."),
        Column("margin_per_touch", "double", "Incremental margin of a touch."),
        Column("spend_seen_least", "double", "Least spend of a period, as of a month."),
        Column("spend_seen_most", "double", "Most spend of a period, as of a month."),
        Column("customers", "bigint", "Customers that the last period's margin came from."),
        _REASON,
    ),
)

CURVES = Table(
    "response_points",
    "The curve of each channel. One row per marketing channel with an estimate and step.",
    key=("channel_id", "step"),
    columns=(
        _AS_OF,
        _CHANNEL,
        Column("step", "bigint", "Step of the curve, from 0."),
        Column("spend_per_month", "double", "Spend of a month."),
        Column("margin_per_month", "double", "Margin that it brings."),
        Column("margin_low", "double", "Low end of its interval."),
        Column("margin_high", "double", "High end of its interval."),
        Column("is_extrapolated", "boolean", "Whether so much was never spent, or so little."),
    ),
)

CHECKED = Table(
    "checks",
    "What a channel's response has to stand up to. One row per check and marketing channel.",
    key=("check_name", "channel_id"),
    columns=(
        _AS_OF,
        Column("check_name", "varchar", "What is checked."),
        _CHANNEL,
        Column("status", "varchar", "pass, review or fail; null where it cannot be checked."),
        Column("value", "double", "What was looked at; null where not known."),
        Column("review_at", "double", "The last value that passes."),
        Column("fail_at", "double", "The last value that does not fail."),
        _REASON,
    ),
)

MIXES = Table(
    "mixes",
    "Budgets for the months to come. One row per scenario, segment and channel.",
    key=("scenario", "segment", "channel_id"),
    columns=(
        _AS_OF,
        _SCENARIO,
        Column("segment", "varchar", "Segment that the part of the budget is for; all: whole."),
        _OF_CHANNEL,
        Column("starts_on", "date", "First day that the budget is for."),
        Column("ends_on", "date", "Last day that the budget is for."),
        Column("action", "varchar", "increase, decrease, keep or hold."),
        _REASON,
        Column("spend_today", "double", "Spend of as much time at today's pace."),
        Column("recommended_spend", "double", "Spend recommended."),
        Column("spend_change", "double", "Recommended less today's."),
        Column("lower_bound", "double", "Least that may be spent."),
        Column("upper_bound", "double", "Most that may be spent."),
        Column("binding_bound", "varchar", "minimum, maximum, change_cap or null."),
        Column("expected_margin", "double", "Margin expected of the recommended spend."),
        Column("margin_change", "double", "Against today's spend in the same months."),
        Column(
            "expected_gain",
            "double",
            "What moving this channel's spend gains, against staying as near to today's spend as "
            "bounds allow: at the same total half of what units bring more where they go than "
            "where they come from, else margin less spend at what the next unit has to bring.",
        ),
        Column("gain_low", "double", "Low end of its interval."),
        Column("gain_high", "double", "High end of its interval."),
        Column("marginal_return", "double", "Margin of the next unit at the recommended spend."),
        Column("marginal_return_low", "double", "Low end of its interval."),
        Column("marginal_return_high", "double", "High end of its interval."),
        Column("mix_marginal_return", "double", "What the next unit brings in the mix."),
        Column("unallocated", "double", "Budget that no channel may take; on (total) only."),
        Column("is_extrapolated", "boolean", "Whether so much was never spent, or so little."),
        Column("season_index", "double", "Margin of these months over that of an average month."),
        Column("price_factor", "double", "What media cost then over what they cost today."),
    ),
)

RECOMMENDATIONS = Table(
    "recommendations",
    "Budgets as they were recommended. One row per as-of date, scenario and channel.",
    key=("as_of_date", "scenario", "channel_id"),
    history=True,
    columns=(
        _AS_OF,
        _SCENARIO,
        _CHANNEL,
        Column("starts_on", "date", "First day that the budget was for."),
        Column("ends_on", "date", "Last day that the budget was for."),
        Column("action", "varchar", "What was recommended."),
        Column("spend_before", "double", "Spend of a month then."),
        Column("recommended_spend", "double", "Spend of a month that was recommended."),
        Column("expected_margin", "double", "Margin of a month that was expected of it."),
    ),
)

REVIEWS = Table(
    "reviews",
    "The last recommendation beside what was spent since. One row per scenario and channel.",
    key=("scenario", "channel_id"),
    columns=(
        _AS_OF,
        Column("recommended_on", "date", "As-of date of the recommendation."),
        _SCENARIO,
        _CHANNEL,
        Column("action", "varchar", "What was recommended."),
        Column("months_since", "double", "Months since with known spend, within its time."),
        Column("spend_before", "double", "Spend of a month then."),
        Column("recommended_spend", "double", "Spend of a month that was recommended."),
        Column("actual_spend", "double", "Spend of a month since; null where not known yet."),
        Column("followed_share", "double", "Share of the recommended change that was made."),
        Column("expected_margin", "double", "Margin of a month that was expected."),
        Column(
            "seen_margin",
            "double",
            "Incremental margin of a month since, by touch; null where touches tell none.",
        ),
        Column("seen_to_expected", "double", "Seen over expected margin."),
        Column(
            "outcome",
            "varchar",
            "followed, partly_followed, not_followed, no_change_asked or too_early.",
        ),
    ),
)

NEXT_TESTS = Table(
    "next_tests",
    "Channels by what a test of them is worth. One row per marketing channel.",
    key=("channel_id",),
    columns=(
        _AS_OF,
        _CHANNEL,
        Column("test_rank", "bigint", "1 is worth most; null where it cannot be told."),
        Column("information_value", "double", "Spend times width times chance."),
        Column("spend", "double", "Spend over the months planned for."),
        Column("return_width", "double", "Width of the interval of the marginal return."),
        Column("change_chance", "double", "Chance that knowing the return moves money."),
        Column(
            "design",
            "varchar",
            "customer_holdout, region_holdout (no touch of a customer lands) or vary_spend (spend "
            "never varied).",
        ),
        Column("holdout_share", "double", "Share of customers or regions held back."),
        Column("weeks", "bigint", "Weeks that the test lasts."),
        Column("expected_effect", "double", "Margin that the channel is thought to bring then."),
        Column("detectable_effect", "double", "Least margin that the test finds."),
        Column(
            "is_detectable", "boolean", "Whether it finds what the channel is thought to bring."
        ),
        _REASON,
    ),
)

TABLES = (RESPONSES, CURVES, CHECKED, MIXES, RECOMMENDATIONS, REVIEWS, NEXT_TESTS)
