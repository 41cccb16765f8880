"""Drivers of satisfaction against the definition, closed forms and sheets whose truth is known."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from satisfaction_sheets import sheets

from scoring.satisfaction.effect import effects, knows_outcome
from scoring.satisfaction.importance import explained, inflation, moments, shapley
from scoring.satisfaction.pipeline import SatisfactionSettings, study

SETTINGS = SatisfactionSettings(date(2024, 7, 1), satisfaction_bootstrap_samples=100)


def told(rows: pd.DataFrame, **changed: Any) -> pd.DataFrame:
    """Drivers by dimension."""
    settings = SatisfactionSettings(
        date(2024, 7, 1), **{"satisfaction_bootstrap_samples": 60, **changed}
    )
    return study(rows, settings).drivers.set_index("dimension")


def covariance_of(columns: np.ndarray) -> np.ndarray:
    return np.cov(columns, rowvar=False)[None]


def r2_of(columns: np.ndarray, outcome: np.ndarray) -> float:
    """By least squares."""
    design = np.column_stack([np.ones(len(outcome)), columns])
    residual = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    return float(1 - residual.var() / outcome.var())


def test_shares_are_the_mean_over_all_orders_of_least_squares() -> None:
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(200, 4)) @ rng.normal(size=(4, 4))
    outcome = columns @ np.array([1.0, -0.5, 0.2, 0.0]) + rng.normal(size=200)
    expected = np.zeros(4)
    for order in permutations(range(4)):
        before = 0.0
        for place, variable in enumerate(order):
            now = r2_of(columns[:, list(order[: place + 1])], outcome)
            expected[variable] += (now - before) / factorial(4)
            before = now
    r2, parts = shapley(covariance_of(np.column_stack([columns, outcome])))
    assert parts[0] == pytest.approx(expected, abs=1e-9)
    assert r2[0] == pytest.approx(r2_of(columns, outcome), abs=1e-9)
    assert parts.sum() == pytest.approx(r2[0], abs=1e-12)


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.3, 0.9])
def test_two_variables_have_a_closed_form(rho: float) -> None:
    """Equal slopes share alike; inflation is 1 / (1 - rho^2)."""
    slopes, noise = np.array([2.0, 1.0]), 1.5
    inner = np.array([[1.0, rho], [rho, 1.0]])
    cross = inner @ slopes
    total = slopes @ cross + noise
    covariance = np.block([[inner, cross[:, None]], [cross[None], np.array([[total]])]])[None]
    _, parts = shapley(covariance)
    alone = cross**2 / total
    both = float(slopes @ cross / total)
    assert parts[0] == pytest.approx(
        [(alone[0] + both - alone[1]) / 2, (alone[1] + both - alone[0]) / 2]
    )
    assert inflation(inner) == pytest.approx([1 / (1 - rho**2)] * 2)


def test_a_copy_shares_with_its_original_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(2)
    first = rng.normal(size=500)
    outcome = first + rng.normal(size=500)
    r2, parts = shapley(covariance_of(np.column_stack([first, first, outcome])))
    assert parts[0, 0] == pytest.approx(parts[0, 1])
    assert parts.sum() == pytest.approx(r2[0]) == pytest.approx(r2_of(first[:, None], outcome))
    assert np.isinf(inflation(np.array([[1.0, 1.0], [1.0, 1.0]]))).all()


def test_only_sheets_with_the_same_questions_are_compared() -> None:
    """Who is asked of deliveries is less content of old: that is no effect of deliveries."""
    rng = np.random.default_rng(3)
    asked = rng.random(2000) < 0.3
    delivery = np.where(asked, rng.normal(3, 1, 2000), np.nan)
    outcome = 4.0 - 2.0 * asked + rng.normal(0, 1, 2000)
    found = moments(delivery[:, None], outcome, asked.astype(np.int64), np.ones((1, 2000)))
    assert float(explained(found, (0,))[0]) < 0.01
    weights = rng.integers(0, 3, 2000).astype(float)
    by_copies = moments(
        np.repeat(delivery, weights.astype(int))[:, None],
        np.repeat(outcome, weights.astype(int)),
        np.repeat(asked.astype(np.int64), weights.astype(int)),
        np.ones((1, int(weights.sum()))),
    )
    by_weights = moments(delivery[:, None], outcome, asked.astype(np.int64), weights[None])
    assert by_weights == pytest.approx(by_copies)


def test_dimensions_are_ranked_in_their_true_order() -> None:
    found = told(sheets(seed=4, weights={"service": 0.6, "product": 0.4, "brand": 0.2}))
    ranks = found["importance_rank"].dropna().astype(int).to_dict()
    assert ranks == {"service": 1, "product": 2, "brand": 3}
    assert found["r2_share"].sum() == pytest.approx(1, abs=1e-5)
    assert (found["vif"].dropna() >= 1).all()
    assert found.loc["online", "importance_reason"] == "not_asked"
    assert found.loc["overall", "importance_reason"] == "is_what_is_explained"


def test_what_is_asked_of_few_counts_as_it_does_for_them() -> None:
    rows = sheets(seed=12, count=6000, weights={"product": 0.5, "delivery": 0.3, "price": 0.2})
    rows.loc[np.arange(6000) % 5 > 0, "delivery_score"] = pd.NA
    ranks = told(rows)["importance_rank"].dropna().astype(int).to_dict()
    assert ranks == {"product": 1, "delivery": 2, "price": 3}


def test_bootstrap_intervals_cover_the_share_of_the_population() -> None:
    weights = {"product": 0.5, "service": 0.3}
    many = told(sheets(seed=5, count=100_000, weights=weights), satisfaction_bootstrap_samples=2)
    truth = many.loc["product", "r2_share"]
    covered = []
    for seed in range(60):
        found = told(
            sheets(seed=100 + seed, count=600, weights=weights, per_customer=2),
            satisfaction_bootstrap_samples=100,
        ).loc["product"]
        covered.append(found["r2_share_low"] <= truth <= found["r2_share_high"])
    assert np.mean(covered) >= 0.87


def test_intervals_of_the_effect_on_retention_cover_the_truth() -> None:
    """Frequent customers are more content and come back anyway: that is no effect."""
    covered, naive = [], []
    for seed in range(120):
        rows = sheets(
            seed=seed, count=1500, effect={"product": 0.06, "service": 0.0}, per_customer=3
        )
        found = told(rows, satisfaction_bootstrap_samples=1)
        for name, truth in (("product", 0.06), ("service", 0.0)):
            one = found.loc[name]
            covered.append(one["retention_effect_low"] <= truth <= one["retention_effect_high"])
        naive.append(found.loc["product", "retention_effect"])
    assert 0.9 <= np.mean(covered) <= 0.985
    assert np.mean(naive) == pytest.approx(0.06, abs=0.015)


def test_errors_are_those_of_customers_and_not_of_sheets() -> None:
    """The same sheets five times over tell nothing more."""
    rng = np.random.default_rng(6)
    score, outcome = rng.normal(size=(300, 1)), (rng.random(300) < 0.5).astype(float)
    once = effects(score, np.empty((300, 0)), outcome, np.arange(300))
    again = effects(
        np.repeat(score, 5, axis=0),
        np.empty((1500, 0)),
        np.repeat(outcome, 5),
        np.repeat(np.arange(300), 5),
    )
    assert again.slope == pytest.approx(once.slope)
    assert again.high - again.low == pytest.approx(once.high - once.low, rel=0.01)


@pytest.mark.parametrize(
    ("spread", "refused"), [(0.0, True), (0.3, True), (3.0, False)], ids=["all", "nearly", "no"]
)
def test_a_score_that_knows_the_outcome_is_refused(spread: float, refused: bool) -> None:
    rng = np.random.default_rng(7)
    outcome = (rng.random(2000) < 0.7).astype(float)
    score = outcome + rng.normal(0, spread, 2000) if spread else outcome.copy()
    assert knows_outcome(score, outcome, 0.95) == refused
    assert knows_outcome(-score, outcome, 0.95) == refused
    assert not knows_outcome(score, np.ones(2000), 0.95)


def test_a_score_given_by_who_had_left_is_no_cause_of_leaving() -> None:
    """Of a quarter with one survey at its end: those who cancelled rated last and lowest."""
    rows = sheets(seed=8, count=1000, weights={"product": 0.5})
    left = np.arange(1000) % 4 == 0
    rows["is_after_leaving"] = pd.array(left, dtype="boolean")
    rows["overall_score"] = pd.array(np.where(left, 1.0, 4.0), dtype="Float64")
    rows["has_returned"] = pd.array([False if one else pd.NA for one in left], dtype="boolean")
    found = told(rows).loc["overall"]
    assert found["retention_reason"] == "knows_the_outcome"
    assert found["refused_sheets"] == 250
    assert pd.isna(found["retention_effect"])
    # Where most outcomes came after the answers, only those that did not are left out.
    rows["has_returned"] = pd.array(np.arange(1000) % 3 > 0, dtype="boolean")
    rows["overall_score"] = pd.array(1 + np.arange(1000) % 5, dtype="Float64")
    kept = told(rows).loc["overall"]
    assert kept["retention_reason"] is pd.NA or pd.isna(kept["retention_reason"])
    assert (kept["retention_sheets"], kept["refused_sheets"]) == (750, 250)


def _reasons(rows: pd.DataFrame, **changed: Any) -> tuple[Any, Any]:
    found = told(rows, **changed)
    return found.loc["product", "importance_reason"], found.loc["product", "retention_reason"]


def test_nothing_is_told_where_nothing_can_be() -> None:
    rows = sheets(seed=9, count=100)
    assert study(rows.iloc[:0], SETTINGS).drivers.empty
    assert _reasons(rows.iloc[:1]) == ("too_few_sheets", "too_few_sheets")
    assert _reasons(rows.iloc[:99]) == ("too_few_sheets", "too_few_sheets")
    at = _reasons(rows)
    assert pd.isna(at[0])
    assert pd.isna(at[1])
    same = rows.assign(product_score=pd.array([4.0] * 100, dtype="Float64"))
    assert _reasons(same) == ("no_variation", "no_variation")
    open_still = rows.assign(has_returned=pd.array([pd.NA] * 100, dtype="boolean"))
    assert _reasons(open_still)[1] == "no_outcome_yet"
    noise = rows.assign(overall_score=pd.array(np.tile([1.0, 5.0], 50), dtype="Float64"))
    assert _reasons(noise)[0] == "nothing_explained"
    with pytest.raises(ValueError, match="missing columns"):
        study(rows.drop(columns="overall_score"), SETTINGS)


def test_the_order_of_the_rows_plays_no_part() -> None:
    rows = sheets(seed=10, count=400, per_customer=2)
    pd.testing.assert_frame_equal(
        study(rows, SETTINGS).drivers, study(rows.sample(frac=1, random_state=1), SETTINGS).drivers
    )
