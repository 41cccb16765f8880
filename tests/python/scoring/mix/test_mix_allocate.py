"""Budgets by marginal return against brute force, another optimiser, and the conditions of one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from scoring.mix.allocate import (
    InfeasibleBoundsError,
    at_least_return,
    check_bounds,
    same_total,
    to_target,
)
from scoring.mix.curve import Curves

_sizes = st.floats(1, 1e5, allow_nan=False)
_channels = st.lists(
    st.tuples(_sizes, st.floats(0.01, 8), _sizes, st.floats(0, 1), st.floats(0.1, 3)),
    min_size=1,
    max_size=7,
)


def _curves(*channels: tuple[float, float, float]) -> Curves:
    level, bend, at = np.array(channels, dtype=float).T
    return Curves(level, bend, at)


@settings(max_examples=200, deadline=None)
@given(_channels, st.floats(0.05, 1.5))
def test_no_unit_of_a_budget_would_bring_more_elsewhere(channels, share):
    curves = _curves(*(channel[:3] for channel in channels))
    lower = np.array([at * low for _, _, at, low, _ in channels])
    upper = lower + np.array([at * more for _, _, at, _, more in channels])
    total = float(lower.sum() + share * (upper - lower).sum())
    found = same_total(curves, lower, upper, total)
    assert (found.spend >= lower * (1 - 1e-9)).all()
    assert (found.spend <= upper * (1 + 1e-9)).all()
    assert found.spend.sum() + found.unallocated == pytest.approx(total, rel=1e-6)
    assert found.unallocated == pytest.approx(max(0.0, total - upper.sum()), rel=1e-6, abs=1e-6)
    marginal = curves.marginal(found.spend)
    width = upper - lower
    could_take = found.spend < upper - 1e-6 * width
    could_give = found.spend > lower + 1e-6 * width
    if could_take.any() and could_give.any() and found.unallocated == 0:
        assert marginal[could_take].max() <= marginal[could_give].min() * (1 + 1e-4)


def test_brute_force_finds_no_better_split():
    curves = _curves((900, 1.2, 100), (400, 0.4, 60), (700, 2.5, 150))
    lower, upper = np.array([20.0, 0.0, 30.0]), np.array([180.0, 120.0, 220.0])
    best = same_total(curves, lower, upper, 300.0)
    grid = np.linspace(0, 300, 151)
    brute = max(
        float(curves.value(np.array([a, b, 300 - a - b])).sum())
        for a, b in itertools.product(grid, grid)
        if lower[0] <= a <= upper[0]
        and lower[1] <= b <= upper[1]
        and lower[2] <= 300 - a - b <= upper[2]
    )
    value = float(curves.value(best.spend).sum())
    assert brute <= value * (1 + 1e-12)
    assert value == pytest.approx(brute, rel=1e-4)
    other = minimize(
        lambda spend: -curves.value(spend).sum(),
        np.array([100.0, 100.0, 100.0]),
        bounds=list(zip(lower, upper, strict=True)),
        constraints={"type": "eq", "fun": lambda spend: spend.sum() - 300.0},
        method="SLSQP",
    )
    np.testing.assert_allclose(best.spend, other.x, rtol=1e-3)


def test_a_target_is_met_by_the_last_unit_of_every_channel():
    curves = _curves((900, 1.2, 100), (400, 0.4, 60), (10, 1.0, 50))
    found = to_target(curves, np.zeros(3), np.full(3, 1e6), 2.0)
    assert found.spend[2] == 0
    np.testing.assert_allclose(curves.marginal(found.spend)[:2], 2.0)


def test_volume_ends_where_all_of_it_returns_just_enough():
    curves = _curves((900, 1.2, 100), (400, 0.4, 60))
    found = at_least_return(curves, np.zeros(2), np.full(2, 1e6), 3.0)
    assert curves.value(found.spend).sum() / found.spend.sum() == pytest.approx(3.0, rel=1e-6)
    capped = at_least_return(curves, np.zeros(2), np.array([50.0, 50.0]), 3.0)
    np.testing.assert_allclose(capped.spend, 50.0)
    # What has to be spent anyway may return less: then no more is.
    least = at_least_return(curves, np.array([600.0, 600.0]), np.full(2, 900.0), 3.0)
    np.testing.assert_allclose(least.spend, 600.0)


def test_a_curve_that_brings_nothing_gets_its_minimum():
    curves = _curves((900, 1.2, 100), (-50, 1.0, 100))
    found = same_total(curves, np.array([0.0, 10.0]), np.array([60.0, 300.0]), 200.0)
    np.testing.assert_allclose(found.spend, [60.0, 10.0])
    assert found.unallocated == pytest.approx(130.0)


def test_bounds_that_no_budget_meets_are_named():
    names = ["mail", "search"]
    with pytest.raises(InfeasibleBoundsError, match=r"mail \(minimum 5.00, maximum 4.00\)"):
        check_bounds(names, np.array([5.0, 0.0]), np.array([4.0, 9.0]))
    with pytest.raises(
        InfeasibleBoundsError, match=r"add up to 12.00, the budget is 10.00: mail 5.00, search 7.00"
    ):
        check_bounds(names, np.array([5.0, 7.0]), np.array([9.0, 9.0]), 10.0)
    check_bounds(names, np.array([5.0, 5.0]), np.array([5.0, 9.0]), 10.0)
