"""Effects from sums of random groups and of cells, against brute force and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from scoring.campaigns.moments import Effect, Moments, breakdown, holm, matched, randomised, total


def moments(y: NDArray[np.float64], x: NDArray[np.float64] | None = None) -> Moments:
    x = np.zeros(len(y)) if x is None else x
    return Moments(
        len(y), y.sum(), float((y**2).sum()), x.sum(), float((x**2).sum()), float((x * y).sum())
    )


def test_without_a_covariate_it_is_welchs_test() -> None:
    rng = np.random.default_rng(5)
    y, other = rng.normal(3, 2, 40), rng.normal(2, 5, 25)
    effect = randomised(moments(y), moments(other))
    assert effect is not None
    welch = ttest_ind(y, other, equal_var=False)
    low, high = welch.confidence_interval(0.95)
    assert effect.interval(0.95) == pytest.approx((low, high))
    assert effect.p_value == pytest.approx(welch.pvalue)


def test_the_published_mail_test_from_its_sums() -> None:
    """Visits of 21,307 mailed and 21,306 not: 18.276 and 10.617 per cent, +7.66 points, ±.66."""
    mailed, others = 3894.0, 2262.0
    effect = randomised(
        Moments(21307, mailed, mailed, 0, 0, 0), Moments(21306, others, others, 0, 0, 0)
    )
    assert effect is not None
    low, high = effect.interval(0.95)
    assert effect.estimate == pytest.approx(0.0766, abs=0.0001)
    assert (high - low) / 2 == pytest.approx(0.0066, abs=0.0001)


def test_intervals_of_random_groups_cover_and_the_past_narrows_them() -> None:
    """Skew orders that depend on the customer: 90% intervals hold the truth in 85 to 95%."""
    rng = np.random.default_rng(11)
    covered, wide, narrow = 0, 0.0, 0.0
    campaigns, truth = 600, 0.12
    for _ in range(campaigns):
        rate = rng.gamma(0.8, 1.2, 400)
        before, y = rng.poisson(rate * 4).astype(float), rng.poisson(rate).astype(float)
        is_treated = rng.random(400) < 0.75
        y += is_treated * (rng.random(400) < truth)
        with_past = randomised(
            moments(y[is_treated], before[is_treated]), moments(y[~is_treated], before[~is_treated])
        )
        without = randomised(moments(y[is_treated]), moments(y[~is_treated]))
        assert with_past is not None
        assert without is not None
        low, high = with_past.interval(0.9)
        covered += low <= truth <= high
        wide, narrow = wide + without.error, narrow + with_past.error
    assert 0.85 <= covered / campaigns <= 0.95
    assert narrow < 0.9 * wide


def test_matching_takes_out_what_selection_of_good_customers_would_show() -> None:
    """The chosen buy more, and nothing is true: naive sees an effect, cells do not, nine in ten."""
    rng = np.random.default_rng(3)
    covered, naive = 0, 0.0
    for _ in range(200):
        rate = rng.gamma(1.0, 2.0, 1500)
        chosen = rng.random(1500) < np.minimum(0.8, 0.1 * rate)
        cell = np.digitize(rng.poisson(rate * 2), [1, 2, 4, 7, 11])
        before, after = rng.poisson(rate).astype(float), rng.poisson(rate * 0.8).astype(float)
        groups = [
            (
                moments(after[chosen & (cell == c)], before[chosen & (cell == c)]),
                moments(after[~chosen & (cell == c)], before[~chosen & (cell == c)]),
            )
            for c in range(6)
        ]
        effect = matched([one for one, _ in groups], [one for _, one in groups])
        assert effect is not None
        low, high = effect.interval(0.9)
        covered += low <= 0 <= high
        naive += after[chosen].mean() - after[~chosen].mean()
    assert covered / 200 >= 0.85
    assert naive / 200 > 0.5


def test_a_cell_counts_by_the_chosen_in_it() -> None:
    rng = np.random.default_rng(1)

    def group(size: int, gain: float) -> Moments:
        x = rng.normal(5, 0.001, size)
        return moments(x + gain, x)

    effect = matched([group(300, 2.0), group(100, 6.0)], [group(10, 1.0), group(1000, 1.0)])
    assert effect is not None
    assert effect.estimate == pytest.approx((3 * 1.0 + 5.0) / 4, abs=0.01)


@pytest.mark.parametrize("size", [0, 1])
def test_groups_of_one_tell_nothing(size: int) -> None:
    one = Moments(size, 1, 1, 0, 0, 0)
    assert randomised(one, Moments(50, 5, 5, 0, 0, 0)) is None
    assert matched([one], [Moments(50, 5, 5, 0, 0, 0)]) is None
    assert randomised(Moments(50, 0, 0, 0, 0, 0), Moments(50, 0, 0, 0, 0, 0)) is None


def test_breakdown_is_the_margin_over_what_the_placebo_found() -> None:
    effect = Effect(10.0, 2.0)
    margin = 10 - 1.959964 * 2
    assert breakdown(effect, -2.0, 0.95) == pytest.approx(margin / 2)
    assert breakdown(Effect(-10.0, 2.0), -2.0, 0.95) == pytest.approx(margin / 2)
    assert breakdown(Effect(3.0, 2.0), 2.0, 0.95) == 0
    assert breakdown(effect, 0.0, 0.95) is None


def test_holm_as_published() -> None:
    """Holm (1979) by hand: .01 x 4, .013 x 3, .04 x 2, .2; none below the one before."""
    assert holm([0.04, 0.01, 0.2, 0.013]) == pytest.approx([0.08, 0.04, 0.2, 0.04])
    assert holm([]) == []


def test_sums_of_parts_are_sums_of_the_whole() -> None:
    rng = np.random.default_rng(2)
    y, x = rng.normal(size=50), rng.normal(size=50)
    assert total([moments(y[:20], x[:20]), moments(y[20:], x[20:])]).deviations == pytest.approx(
        moments(y, x).deviations
    )
