"""Every threshold of the checks, below, at and above it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from scoring.mix.checks import CHECKS, inflation, judged, seen_share, variation
from scoring.mix.settings import MixSettings

SETTINGS = MixSettings(date(2018, 1, 1))


@pytest.mark.parametrize(
    ("check", "value", "status"),
    [
        ("data_points", 9.99, "fail"),
        ("data_points", 10, "review"),
        ("data_points", 14.99, "review"),
        ("data_points", 15, "pass"),
        ("spend_variation", 0.099, "fail"),
        ("spend_variation", 0.1, "review"),
        ("spend_variation", 0.199, "review"),
        ("spend_variation", 0.2, "pass"),
        ("season_collinearity", 5, "pass"),
        ("season_collinearity", 5.01, "review"),
        ("season_collinearity", 10, "review"),
        ("season_collinearity", 10.01, "fail"),
        ("channel_collinearity", 5, "pass"),
        ("channel_collinearity", 10.01, "fail"),
        ("start_to_estimate", 0.099, "fail"),
        ("start_to_estimate", 0.1, "review"),
        ("start_to_estimate", 0.299, "review"),
        ("start_to_estimate", 0.3, "pass"),
        ("return_plausible", -0.01, "fail"),
        ("return_plausible", 0, "pass"),
        ("return_plausible", 25, "pass"),
        ("return_plausible", 25.1, "review"),
        ("return_plausible", 100, "review"),
        ("return_plausible", 100.1, "fail"),
        ("return_width", 1, "pass"),
        ("return_width", 1.01, "review"),
        ("return_width", 2, "review"),
        ("return_width", 2.01, "fail"),
        ("baseline", 0.2, "pass"),
        ("baseline", 0.199, "review"),
        ("baseline", 0, "review"),
        ("baseline", -0.001, "fail"),
        ("spend_range", 0.5, "pass"),
        ("spend_range", 0.499, "review"),
        ("spend_range", 0.1, "review"),
        ("spend_range", 0.099, "fail"),
        ("spend_range", None, None),
    ],
)
def test_thresholds(check, value, status):
    found = {row.check: row for row in judged({check: value}, SETTINGS.bars, reason="why")}
    assert list(found) == list(CHECKS)
    assert found[check].status == status
    assert found[check].reason == (None if status else "why")


def test_what_does_not_bear_on_a_response_is_told_and_holds_nothing():
    spared = frozenset({"season_collinearity"})
    found = judged({"season_collinearity": 99, "baseline": -1}, SETTINGS.bars, spared)
    status = {row.check: row.status for row in found}
    assert status["season_collinearity"] == "review"
    assert status["baseline"] == "fail"


def test_measures():
    random = np.random.default_rng(1)
    spend = 100 + 10 * random.standard_normal(5_000)
    assert variation(spend) == pytest.approx(0.1, rel=0.05)
    assert variation(np.zeros(3)) == 0
    other = spend + 10 * random.standard_normal(5_000)
    assert inflation(spend, other[:, None]) == pytest.approx(2.0, rel=0.05)
    assert inflation(spend, np.zeros((5_000, 0))) == 1
    assert inflation(np.full(5, 3.0), np.zeros((5, 0))) == float("inf")
    assert inflation(spend, (2 * spend)[:, None]) > 1e6
    assert seen_share(50, 150, np.array([80.0, 120.0])) == pytest.approx(0.4)
    assert seen_share(50, 150, np.array([200.0])) == 0
    assert seen_share(5, 5, np.array([4.0, 6.0])) == 1
