"""The study of actions against a world whose effects are known, and against closed forms."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from scoring.actions import policy
from scoring.actions.pipeline import (
    ALL_ACTIONS,
    ActionSettings,
    _decisions,
    _moments,
    _scored,
    effect_of,
    study,
)
from scoring.actions.uplift import Scores, fit
from scoring.campaigns.moments import randomised

SETTINGS = ActionSettings(date(2024, 1, 1))


def decided(
    count: int, seed: int, *, control: float = 0.4, a_customer: int = 2, brings: float = 0.4
) -> tuple[pd.DataFrame, np.ndarray]:
    """Decisions about two actions, and the orders that each truly brings."""
    draw = np.random.default_rng(seed)
    often = draw.gamma(1.5, 1 / 1.5, count)
    gap = 365 / np.maximum(often * 58, 1)
    silence = draw.exponential(gap) * np.where(draw.random(count) < 0.25, 8, 1)
    has_left = silence / gap > 6
    value = np.exp(draw.normal(3, 0.4, count))
    truth = brings * often**0.7 * ~has_left
    treated = draw.random(count) >= control
    orders = draw.poisson(often * 4.5) * ~has_left + treated * draw.poisson(truth)
    before = draw.poisson(often * 14.5).astype(float)
    frame = pd.DataFrame(
        {
            "kind": "decision",
            "decision_id": [f"d{number:06d}" for number in range(count)],
            "action": np.where(draw.random(count) < 0.5, "a", "b"),
            "customer_id": [f"c{number // a_customer}" for number in range(count)],
            "is_treated": treated,
            "is_taken": treated,
            "control_share": control,
            "cost": 0.5,
            "purchase_days": np.round(often * 58),
            "revenue_a_purchase": value,
            "silence_days": np.minimum(silence, 365),
            "gap_days": gap,
        }
    )
    for name, factor in (("orders", 1.0), ("revenue", value), ("contribution", 0.3 * value)):
        frame[f"{name}_y"] = orders * factor
        frame[f"{name}_x"] = before * factor
    return frame, truth


def test_intervals_of_effects_cover_what_is_true() -> None:
    covered = []
    for seed in range(200):
        frame, brings = decided(300, seed)
        found = effect_of(_decisions("a", frame), "orders")
        assert found is not None
        low, high = found.interval(0.9)
        covered.append(low <= brings.mean() <= high)
    assert 0.85 <= np.mean(covered) <= 0.95


def test_ranking_pays_where_effects_differ() -> None:
    """And acting on all against acting on nobody is worth what it truly brings."""
    gains, errors = [], []
    for seed in range(10):
        frame, brings = decided(4000, seed, brings=1.0)
        net = brings * 0.3 * frame["revenue_a_purchase"].to_numpy() - 0.5
        rows = study(frame, SETTINGS).policy_values.set_index(["action", "policy"])
        gains.append(rows.loc[(ALL_ACTIONS, policy.RISKIEST), "ranking_gain_low"] > 0)
        of_all, of_none = (rows.loc[(ALL_ACTIONS, name), "value"] for name in ("all", "none"))
        errors.append((of_all - of_none) - net.mean())
    assert np.mean(gains) >= 0.8
    assert abs(np.mean(errors)) < 0.6


def test_intervals_of_a_policy_cover_what_it_is_truly_worth() -> None:
    """What acting on half of the customers, whoever they are, adds to acting on nobody."""
    covered = []
    for seed in range(200):
        frame, brings = decided(500, seed)
        one = _decisions("a", frame)
        found = _scored(one, "contribution")
        acted = (frame["purchase_days"] > frame["purchase_days"].median()).to_numpy(dtype=float)
        cost = np.full(len(frame), 0.5)
        value = policy.gain(acted, found, cost, one.customers, 0.9)
        truth = acted * (brings * 0.3 * frame["revenue_a_purchase"].to_numpy() - 0.5)
        covered.append(value.low <= truth.mean() <= value.high)
    assert 0.85 <= np.mean(covered) <= 0.95


def test_a_gain_is_no_larger_than_what_is_there() -> None:
    """Without differences between customers no ranking gains anything, on average."""
    gains = []
    for seed in range(30):
        frame, _ = decided(600, seed)
        frame["contribution_y"] = np.random.default_rng(seed).normal(size=len(frame))
        frame["cost"] = -1.0
        rows = study(frame, SETTINGS).policy_values.set_index(["action", "policy"])
        gains.append(rows.loc[(ALL_ACTIONS, policy.RISKIEST), "ranking_gain"])
    assert abs(np.mean(gains)) < 0.03


def test_an_effect_is_that_of_random_groups_where_nobody_is_decided_about_twice() -> None:
    frame, _ = decided(2000, 1, a_customer=1)
    one = _decisions("a", frame)
    y, x = (frame[f"orders_{side}"].to_numpy() for side in "yx")
    arms = [_moments(y[rows], x[rows]) for rows in (one.treated, ~one.treated)]
    expected, found = randomised(*arms), effect_of(one, "orders")
    assert expected is not None
    assert found is not None
    assert found.estimate == pytest.approx(expected.estimate)
    assert found.error == pytest.approx(expected.error, rel=0.01)


def test_decisions_about_one_customer_are_not_told_as_many() -> None:
    frame, _ = decided(300, 2, a_customer=1)
    often = pd.concat([frame] * 4, ignore_index=True)
    once, repeated = (effect_of(_decisions("a", rows), "orders") for rows in (frame, often))
    assert once is not None
    assert repeated is not None
    assert repeated.error == pytest.approx(once.error, rel=0.01)


def test_policies_have_their_closed_form() -> None:
    scores = Scores(np.zeros(4), np.array([3.0, 1.0, -1.0, 5.0]))
    acting = policy.policies(
        np.array([2.0, 1.0, -2.0, 3.0]),
        np.array([0.0, 9.0, 8.0, 1.0]),
        np.arange(4, dtype=np.uint64),
        np.zeros(4, dtype=np.int64),
        0.5,
    )
    customers, cost = np.arange(4, dtype=np.uint64), np.ones(4)
    found = {
        name: policy.worth(acted, scores, cost, customers, 0.9).mean
        for name, acted in acting.items()
    }
    assert found == {
        "ranking": 6 / 4,
        "all": 4 / 4,
        "none": 0.0,
        "riskiest_first": -2 / 4,
        "random": pytest.approx(0.5),
    }


def test_slopes_are_drawn_to_zero_where_nothing_is_there() -> None:
    draw = np.random.default_rng(3)
    features = draw.normal(size=(500, 3))
    flat = fit(features, draw.normal(size=500))
    steep = fit(features, features @ [2.0, 0.0, -1.0] + draw.normal(size=500))
    assert np.abs(flat.slopes).max() < 0.1
    assert steep.slopes == pytest.approx([2.0, 0.0, -1.0], abs=0.15)


@pytest.mark.parametrize(
    ("treated", "control", "reason"), [(50, 50, None), (49, 60, "too_few"), (60, 49, "too_few")]
)
def test_too_few_of_either_tell_nothing(treated: int, control: int, reason: str | None) -> None:
    frame, _ = decided(2000, 4)
    frame = frame.assign(action="a")
    rows = pd.concat(
        [frame[frame["is_treated"]].head(treated), frame[~frame["is_treated"]].head(control)]
    )
    found = study(rows, SETTINGS)
    assert set(
        found.effects["reason"].astype(object).where(found.effects["reason"].notna(), None)
    ) == {reason}
    assert found.policy_values.empty == (reason is not None)


def test_without_costs_customers_are_ranked_by_revenue_and_with_no_log_not_at_all() -> None:
    frame, _ = decided(600, 5)
    frame[["contribution_y", "contribution_x"]] = np.nan
    people = frame.head(7).assign(kind="customer", action=None)
    found = study(pd.concat([frame, people]), SETTINGS)
    assert set(found.uplifts["value_basis"]) == {"revenue"}
    assert len(found.uplifts) == 14
    assert set(found.effects.set_index("outcome").loc["contribution", "reason"]) == {"no_costs"}
    nothing = study(frame.head(0), SETTINGS)
    assert [len(table) for table in nothing.frames().values()] == [0, 0, 0]


def test_a_lot_that_went_otherwise_is_told() -> None:
    frame, _ = decided(2000, 6, control=0.4)
    planned = study(frame, SETTINGS).effects["sample_ratio_p"]
    off = study(frame.assign(control_share=0.3), SETTINGS).effects["sample_ratio_p"]
    assert planned.min() > 0.001 > off.max()
