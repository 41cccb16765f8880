"""What the study of the mix reads, its settings, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from scoring.mix.checks import Bar

INPUT = "int_channel_periods"
COLUMNS: Mapping[str, str] = {
    "channel_id": "varchar",
    "segment": "varchar",
    "period_kind": "varchar",
    "period_start": "date",
    "spend": "double",
    "touches": "double",
    "campaign_touches": "double",
    "incremental_margin": "double",
    "campaign_margin": "double",
    "incremental_error": "double",
    "all_margin": "double",
    "customers": "bigint",
    "customer_margin_spread": "double",
    "minimum_spend": "double",
    "maximum_spend": "double",
    "price_change": "double",
}

ALL, TOTAL = "all", "(total)"
SAME_TOTAL, TARGET_RETURN, MINIMUM_RETURN = "same_total", "target_return", "minimum_return"
SCENARIOS = (SAME_TOTAL, TARGET_RETURN, MINIMUM_RETURN)
INCREMENTAL, WHOLE = "incremental", "total"
NO_SPEND, NEGATIVE_SPEND = "no_spend_data", "negative_spend"
TOO_FEW, NO_RESPONSE = "too_few_periods", "no_response"
CHECK_FAILED, INCLUDES_ZERO = "check_failed", "gain_includes_zero"
NOTHING_TO_GAIN, OUT_OF_BOUNDS = "at_optimum", "out_of_bounds"
MONTHS_A_PERIOD: Mapping[str, float] = {"month": 1.0, "week": 12 * 7 / 365.25}

SEED = 20_170_101
LEAST_CHANGE = 0.005
"""A change of less than this share of today's spend is none."""


@dataclass(frozen=True)
class MixSettings:
    """``as_of_date``: the first day not observed. The others are dbt vars, described there."""

    as_of_date: date
    mix_horizon_months: int = 3
    mix_recent_months: int = 3
    mix_change_cap: float = 0.5
    mix_target_return: float = 1.0
    mix_minimum_return: float = 1.0
    mix_confidence: float = 0.9
    mix_draws: int = 1_000
    mix_min_periods: int = 8
    mix_segment_spread: float = 0.3
    mix_points_review: float = 15
    mix_points_fail: float = 10
    mix_variation_review: float = 0.2
    mix_variation_fail: float = 0.1
    mix_collinearity_review: float = 5
    mix_collinearity_fail: float = 10
    mix_learned_review: float = 0.3
    mix_learned_fail: float = 0.1
    mix_return_review: float = 25
    mix_return_fail: float = 100
    mix_width_review: float = 1
    mix_width_fail: float = 2
    mix_baseline_review: float = 0.2
    mix_baseline_fail: float = 0.0
    mix_seen_review: float = 0.5
    mix_seen_fail: float = 0.1
    mix_test_power: float = 0.8
    mix_test_max_weeks: int = 12

    def __post_init__(self) -> None:
        """Refuse settings without a meaning."""
        for name in ("mix_horizon_months", "mix_recent_months", "mix_min_periods"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.mix_min_periods < 4:
            raise ValueError("mix_min_periods must be at least 4")
        for name in ("mix_change_cap", "mix_target_return", "mix_minimum_return"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0")
        for name in ("mix_confidence", "mix_test_power"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1")
        if self.mix_draws < 100:
            raise ValueError("mix_draws must be at least 100")

    @property
    def bars(self) -> Mapping[str, Bar]:
        """The thresholds of each check."""
        collinearity = Bar(self.mix_collinearity_review, self.mix_collinearity_fail, above=True)
        return {
            "data_points": Bar(self.mix_points_review, self.mix_points_fail),
            "spend_variation": Bar(self.mix_variation_review, self.mix_variation_fail),
            "season_collinearity": collinearity,
            "channel_collinearity": collinearity,
            "start_to_estimate": Bar(self.mix_learned_review, self.mix_learned_fail),
            "return_plausible": Bar(self.mix_return_review, self.mix_return_fail, above=True),
            "return_width": Bar(self.mix_width_review, self.mix_width_fail, above=True),
            "baseline": Bar(self.mix_baseline_review, self.mix_baseline_fail),
            "spend_range": Bar(self.mix_seen_review, self.mix_seen_fail),
        }
