from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics import amount_metrics, calibration, probability_metrics


def values(results) -> dict[str, float | None]:
    return {name: metric.value for name, metric in results.items()}


def test_amount_metrics_by_hand():
    actual = [0, 0, 0, 0, 0, 1, 2, 3, 4, 10]
    predicted = [0, 0, 0, 0, 1, 1, 2, 3, 10, 4]
    result = values(amount_metrics(actual, predicted))
    assert result["mae"] == pytest.approx(1.3)
    assert result["rmse"] == pytest.approx(np.sqrt(7.3))
    assert result["bias"] == pytest.approx(21 / 20 - 1)
    assert result["top_decile_capture"] == pytest.approx(4 / 20)
    # 2 sum(rank y) / (n sum y) - (n + 1) / n: ranks 2.5 2.5 2.5 2.5 5.5 5.5 7 8 10 9 by forecast,
    # 3 3 3 3 3 6 7 8 9 10 by the amounts.
    by_forecast = 2 * (5.5 + 14 + 24 + 40 + 90) / 200 - 1.1
    by_amount = 2 * (6 + 14 + 24 + 36 + 100) / 200 - 1.1
    assert result["normalised_gini"] == pytest.approx(by_forecast / by_amount)
    assert values(amount_metrics(actual, actual)) == pytest.approx(
        {
            "mae": 0,
            "rmse": 0,
            "bias": 0,
            "spearman": 1,
            "normalised_gini": 1,
            "top_decile_capture": 0.5,
        }
    )


def test_ties_share_the_top_tenth_evenly():
    actual = np.r_[np.zeros(10), np.ones(10)]
    assert values(amount_metrics(actual, np.ones(20)))["top_decile_capture"] == pytest.approx(0.1)


def test_probability_metrics_by_hand():
    happened = np.array([0, 0, 1, 1])
    probability = np.array([0.1, 0.4, 0.35, 0.8])
    result = values(probability_metrics(happened, probability))
    assert result["auc"] == pytest.approx(0.75)
    assert result["pr_auc"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert result["brier"] == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    assert result["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.35, 0.8]).mean())
    assert result["calibration_error"] == pytest.approx((0.1 + 0.4 + 0.65 + 0.2) / 4)


def test_undefined_metrics_say_why():
    for results in (amount_metrics([], []), probability_metrics([], [])):
        assert all(metric == (None, "no customers") for metric in results.values())
    nobody = probability_metrics([0, 0], [0.0, 1.0])
    assert nobody["auc"] == (None, "the event happened to nobody")
    assert nobody["log_loss"].value == pytest.approx(-np.log(1e-15) / 2, rel=0.01)
    silent = amount_metrics([0, 0, 0], [1, 2, 3])
    assert silent["bias"] == (None, "actual total is not positive")
    assert silent["normalised_gini"] == (None, "actual values are all equal")
    assert silent["mae"].value == pytest.approx(2.0)
    assert amount_metrics([1, 2], [3, 3])["spearman"] == (None, "forecasts are all equal")
    with pytest.raises(ValueError, match="finite"):
        amount_metrics([1.0], [np.nan])


def test_calibration_bins():
    table = calibration(np.arange(100) % 2, np.arange(100) / 100)
    assert table["bin"].tolist() == list(range(1, 11))
    assert table["customers"].tolist() == [10] * 10
    assert table["predicted_mean"].iloc[0] == pytest.approx(0.045)
    assert table["actual_mean"].tolist() == [0.5] * 10
    tied = calibration([0, 1, 1], [0.2, 0.2, 0.9])
    assert tied[["customers", "actual_mean"]].to_numpy().tolist() == [[2, 0.5], [1, 1.0]]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_order_of_rows_changes_nothing_and_nothing_is_nan(pairs, random):
    shuffled = pairs.copy()
    random.shuffle(shuffled)
    results = []
    for rows in (pairs, shuffled):
        actual, predicted = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        results.append(
            values(amount_metrics(actual, predicted))
            | values(probability_metrics(actual > 2, predicted / 4))
        )
    assert results[0] == pytest.approx(results[1])
    assert all(value is None or np.isfinite(value) for value in results[0].values())
