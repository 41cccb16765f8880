"""Responses against curves that are known."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.mix.curve import Curves, carried
from scoring.mix.fit import fit_reach, fit_total
from scoring.mix.season import indices

AT = 100.0


def _curve(level: float, bend: float) -> Curves:
    return Curves(np.array([level]), np.array([bend]), np.array([AT]))


def test_a_curve_is_its_level_at_its_spend_and_falls_in_slope():
    curve = _curve(50.0, 1.3)
    assert curve.value(np.array([AT]))[0] == pytest.approx(50.0)
    assert curve.value(np.array([0.0]))[0] == 0
    step = 1e-4
    slope = (curve.value(np.array([AT + step])) - curve.value(np.array([AT]))) / step
    assert curve.marginal(np.array([AT]))[0] == pytest.approx(slope[0], rel=1e-4)
    assert curve.spend_where(float(curve.marginal(np.array([70.0]))[0]))[0] == pytest.approx(70.0)
    straight = _curve(50.0, 0.0)
    assert straight.value(np.array([2 * AT]))[0] == pytest.approx(100.0)
    assert straight.marginal(np.array([2 * AT]))[0] == pytest.approx(0.5)


def test_carry_over_moves_spend_in_time_and_loses_none_of_a_steady_one():
    np.testing.assert_allclose(carried(np.full(5, 7.0), 0.6), 7.0)
    pulse = np.concatenate([np.zeros(1), np.ones(1), np.zeros(60)])
    acting = carried(pulse, 0.5)
    np.testing.assert_allclose(acting[:4], [0, 0.5, 0.25, 0.125])
    assert acting.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("periods", [24, 104])
def test_intervals_of_what_the_next_unit_reaches_cover_the_truth(periods):
    random = np.random.default_rng(5)
    held = []
    for _ in range(100):
        true = _curve(1_500.0, float(random.choice([0.5, 0.8, 1.2])))
        spend = AT * np.exp(0.3 * random.standard_normal(periods))
        campaigns = np.where(random.random(periods) < 0.2, 300.0, 0.0)
        uneven = np.maximum(1 + 0.05 * random.standard_normal(periods), 0.5)
        touches = random.poisson(true.value(spend[:, None])[:, 0] * uneven + campaigns)
        fit = fit_reach(spend, touches.astype(float), campaigns)
        drawn = fit.curves(fit.draws(300, random)).marginal(np.array([AT]))[:, 0]
        low, high = np.quantile(drawn, [0.05, 0.95])
        held.append(low <= true.marginal(np.array([AT]))[0] <= high)
    assert 0.82 <= np.mean(held) <= 0.98


def test_a_bend_that_spend_never_showed_is_not_learned():
    random = np.random.default_rng(3)
    true = _curve(1_500.0, 1.0)
    for spread, learned in ((0.002, False), (0.4, True)):
        spend = AT * np.exp(spread * random.standard_normal(104))
        touches = random.poisson(true.value(spend[:, None])[:, 0]).astype(float)
        fit = fit_reach(spend, touches, np.zeros(104))
        assert (fit.learned(0) > 0.3) == learned
        level = fit.curves(fit.estimate).value(np.array([AT]))[0]
        assert level == pytest.approx(1_500.0, rel=0.05)


def test_touches_of_campaigns_may_come_on_top_or_not():
    random = np.random.default_rng(4)
    true = _curve(1_000.0, 1.0)
    spend = AT * np.exp(0.3 * random.standard_normal(104))
    own = random.poisson(true.value(spend[:, None])[:, 0]).astype(float)
    campaigns = np.where(random.random(104) < 0.3, 400.0, 0.0)
    on_top = fit_reach(spend, own + campaigns, campaigns)
    assert on_top.estimate[3] == pytest.approx(1.0, abs=0.1)
    of_it = fit_reach(spend, np.maximum(own, campaigns), campaigns)
    assert of_it.estimate[3] == pytest.approx(0.0, abs=0.15)
    for fit in (on_top, of_it):
        level = fit.curves(fit.estimate).value(np.array([AT]))[0]
        assert level == pytest.approx(1_000.0, rel=0.05)


def test_the_whole_margin_tells_large_channels_apart_with_honest_intervals():
    random = np.random.default_rng(6)
    mean = np.array([1_000.0, 2_000.0])
    carry, held, found = [0.2, 0.5], [], []
    for _ in range(25):
        spend = mean * np.exp(0.5 * random.standard_normal((156, 2)))
        true = Curves(np.array([4_000.0, 3_000.0]), np.array([1.0, 0.6]), spend.mean(axis=0))
        acting = np.column_stack([carried(spend[:, c], carry[c]) for c in range(2)])
        other = np.column_stack([np.ones(156), np.linspace(-1, 1, 156)])
        margin = true.value(acting).sum(axis=1) + other @ [20_000, 1_000]
        margin += 400 * random.standard_normal(156)
        fit = fit_total(margin, spend, other)
        drawn = fit.curves(fit.draws(300, random)).value(fit.at)
        low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
        held += list((low <= true.level) & (true.level <= high))
        found.append(fit.curves(fit.estimate).value(fit.at))
    assert 0.78 <= np.mean(held) <= 1.0
    np.testing.assert_allclose(np.mean(found, axis=0), [4_000, 3_000], rtol=0.15)


def test_seasons_need_two_years_and_leave_a_trend_out():
    months = np.arange(36.0)
    wave = 1 + 0.2 * np.sin(2 * np.pi * months / 12)
    index = indices(months, wave * np.exp(0.01 * months))
    assert index.mean() == pytest.approx(1.0)
    assert index[3] > 1.1
    assert index[9] < 0.9
    assert (indices(months[:23], wave[:23]) == 1).all()
    assert (indices(months[:24], wave[:24]) != 1).any()
