"""Intervals hold four outcomes in five, in the units and with the zeros of what they bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.customers.champion import PastForecast
from scoring.customers.intervals import ConformalInterval, coverage

CUSTOMERS = 6_000


def counts(
    forecast: np.ndarray, spread: float | np.ndarray, rng: np.random.Generator, level: float = 1.0
) -> np.ndarray:
    """Poisson purchases at rates whose variance is ``spread`` times their squared mean."""
    rates = forecast * level * rng.gamma(1 / spread, spread, len(forecast))
    return rng.poisson(rates).astype(float)


def spends(forecast: np.ndarray, rng: np.random.Generator, value: float = 20.0) -> np.ndarray:
    """Poisson numbers of gamma amounts, in cents."""
    bought = rng.poisson(forecast / value * rng.gamma(2, 1 / 2, len(forecast)))
    return np.round(rng.gamma(3 * np.maximum(bought, 1e-9), value / 3), 2) * (bought > 0)


def learned(*windows: tuple[np.ndarray, np.ndarray], **how: object) -> ConformalInterval:
    past = [PastForecast(day, y, {"a": f}) for day, (f, y) in enumerate(windows)]
    return ConformalInterval(past, "a", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "mean", "spread"),
    # Grocery shoppers; a base in which one in twenty is expected to buy; hardly any spread.
    [(0.8, 9.6, 0.25), (0.15, 0.18, 0.5), (2.0, 2.0, 0.01)],
)
def test_counts_are_held_by_whole_intervals(shape, mean, spread):
    rng = np.random.default_rng(7)
    past, ahead = rng.gamma(shape, mean / shape, (2, CUSTOMERS))
    interval = learned((past, counts(past, spread, rng)), whole=True)
    low, high = interval.bounds(ahead)
    assert np.array_equal(low, np.rint(low))
    assert np.array_equal(high, np.rint(high))
    assert np.all(low <= ahead)
    assert np.all(ahead <= high)
    middle = interval.median(ahead)
    assert np.array_equal(middle, np.rint(middle))
    actual = counts(ahead, spread, rng)
    buyers = np.flatnonzero(ahead >= 1)
    for part in (buyers, *np.array_split(buyers[np.argsort(ahead[buyers])], 2)):
        assert 0.77 < coverage(actual[part], low[part], high[part]) < 0.88


def test_spend_keeps_its_zero():
    rng = np.random.default_rng(8)
    past, ahead = rng.gamma(0.8, 100.0, (2, CUSTOMERS))
    interval = learned((past, spends(past, rng)))
    low, high = interval.bounds(ahead)
    nothing = (1 + ahead / 20 / 2) ** -2.0  # of spends that are as forecast
    assert np.all(low[nothing > 0.14] == 0)
    assert np.all(low[nothing < 0.06] > 0)
    assert np.all(interval.median(ahead)[nothing > 0.6] == 0)
    actual = spends(ahead, rng)
    for least in (20, 60, 200):
        part = ahead >= least
        assert 0.77 < coverage(actual[part], low[part], high[part]) < 0.87


@pytest.mark.parametrize("whole", [True, False])
def test_a_longer_horizon_has_wider_intervals_that_hold(whole):
    rng = np.random.default_rng(9)
    past = rng.gamma(1.0, 3.0, CUSTOMERS)
    ahead = rng.gamma(1.0, 3.0, CUSTOMERS) * 4

    def made(forecast: np.ndarray, horizons: float) -> np.ndarray:
        if whole:  # the less they buy, the more they differ
            return counts(forecast, np.clip(1.5 * horizons / forecast, 0.05, 5.0), rng)
        return spends(forecast * 20, rng)

    unit = 1 if whole else 20
    interval = learned((past * unit, made(past, 1)), stretch=4.0, whole=whole)
    low, high = interval.bounds(ahead * unit)
    actual, buyers = made(ahead, 4), ahead >= 1
    assert 0.77 < coverage(actual[buyers], low[buyers], high[buyers]) < 0.87


def test_a_window_that_was_misjudged_neither_shifts_bounds_nor_is_ignored():
    rng = np.random.default_rng(10)
    past = rng.gamma(1.0, 10.0, (3, CUSTOMERS))
    fair = [(f, counts(f, 0.2, rng)) for f in past[:2]]
    season = (past[2], counts(past[2], 0.2, rng, level=0.5))
    of_fair, of_both = (learned(*windows, whole=True) for windows in (fair, [*fair, season]))
    ahead = np.linspace(5, 30, 200)
    middle, shifted = of_fair.median(ahead).mean(), of_both.median(ahead).mean()
    assert shifted == pytest.approx(middle, rel=0.06)
    (low, high), (lower, higher) = of_fair.bounds(ahead), of_both.bounds(ahead)
    assert 1.1 < (higher - lower).mean() / (high - low).mean() < 1.6
    assert lower.mean() < low.mean()
    assert higher.mean() > high.mean()


def test_who_buys_like_a_clock_has_narrow_intervals():
    rng = np.random.default_rng(11)
    ahead = rng.uniform(1, 12, CUSTOMERS)
    actual = np.floor(ahead + rng.random(CUSTOMERS))  # one of two numbers
    low, high = learned((ahead, actual), whole=True).bounds(ahead)
    assert (high - low).mean() < 2.5
    assert coverage(actual, low, high) > 0.8


AMOUNT = st.one_of(st.just(0.0), st.floats(1e-6, 1e5))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(AMOUNT, st.integers(0, 400)), min_size=1, max_size=120),
    st.lists(AMOUNT, min_size=2, max_size=30),
    st.booleans(),
    st.sampled_from([1.0, 2.7]),
)
def test_whoever_is_expected_to_do_more_has_no_lower_bounds(past, ahead, whole, stretch):
    forecast, actual = (np.array(values, dtype=float) for values in zip(*past, strict=True))
    interval = learned((forecast, actual), whole=whole, stretch=stretch)
    ahead = np.sort(np.array(ahead))
    low, high = interval.bounds(ahead)
    for ends in (low, high, interval.median(ahead)):
        assert np.all(np.diff(ends) >= 0)
        assert np.all(np.isfinite(ends))
    assert np.all((low >= 0) & (low <= ahead) & (ahead <= high))
    # In pieces as at once.
    assert np.array_equal(interval.bounds(ahead[:1])[1], high[:1])


def test_without_windows_nothing_is_known():
    ahead = np.array([0.0, 3.0])
    low, high = ConformalInterval([], "a").bounds(ahead)
    assert np.isnan([low, high, ConformalInterval([], "a").median(ahead)]).all()
    assert coverage(ahead, low, high) is None
