"""Chain ladder with a tail, Cape Cod for young cohorts, and a bootstrap of both.

A triangle has a row per cohort and a column per age; what is not observed yet is NaN. Cohorts are
in the order of their start, so that a cell is known where row + column is below the number of rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_TAIL_FITTED_AGES = 6
_TAIL_LEAST_AGES = 3
_NO_GROWTH = 1e-9
_NO_DECLINE = 1e-3


def link_factors(cumulative: Array) -> Array:
    """Factor from each age to the next: sums of all cohorts known at both.

    1 where nothing was there to grow. Leading axes are draws.
    """
    known = np.isfinite(cumulative[..., 1:])
    after = np.where(known, cumulative[..., 1:], 0.0).sum(axis=-2)
    before = np.where(known, cumulative[..., :-1], 0.0).sum(axis=-2)
    return np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)


def tail_factors(factors: Array, ages: int) -> Array | None:
    """Factors of so many ages after the last: less one, they decline exponentially, or are none.

    None where they do not decline.
    """
    last = np.asarray(factors[-_TAIL_FITTED_AGES:]) - 1.0
    grows = last > _NO_GROWTH
    if not ages or not len(last) or not grows[-1]:
        return np.ones(0)
    if grows.sum() < _TAIL_LEAST_AGES:
        return None
    slope, level = np.polyfit(np.flatnonzero(grows), np.log(last[grows]), 1)
    if slope >= -_NO_DECLINE:
        return None
    return np.asarray(1.0 + np.exp(level + slope * (len(last) + np.arange(ages))))


def developed_shares(factors: Array) -> Array:
    """Share of the ultimate reached at each age, for factors to the very end."""
    to_end = np.cumprod(factors[..., ::-1], axis=-1)[..., ::-1]
    to_end = np.concatenate([to_end, np.ones((*to_end.shape[:-1], 1))], axis=-1)
    return np.asarray(1.0 / to_end)


def latest(cumulative: Array) -> Array:
    """The last known value of each cohort."""
    rows = cumulative.shape[-2]
    return np.asarray(cumulative[..., np.arange(rows), rows - 1 - np.arange(rows)])


def completed(
    redeemed: Array, earned: Array, left: Array, developed: Array, min_developed: float
) -> Array:
    """Points redeemed in the end, by cohort.

    Chain ladder from ``min_developed`` on; below, what is redeemed and for the rest the Cape Cod
    rate: what all cohorts redeemed over what they earned times the share developed. ``developed``
    is that of each cohort. Nothing is redeemed beyond what is ``left``.
    """
    used = (earned * developed).sum(axis=-1, keepdims=True)
    rate = np.where(used > 0, redeemed.sum(axis=-1, keepdims=True) / np.where(used > 0, used, 1), 0)
    by_ladder = redeemed / np.maximum(developed, 1e-12)
    by_rate = redeemed + earned * (1.0 - developed) * rate
    ultimate = np.where(developed >= min_developed, by_ladder, by_rate)
    return np.asarray(np.minimum(ultimate, redeemed + left))


def bootstrap(cumulative: Array, draws: int, seed: int) -> tuple[Array, float]:
    """Triangles that might have been (England and Verrall), and the dispersion of their increments.

    Increments that the factors make of the last known values, plus Pearson residuals drawn with
    replacement; the residuals are adjusted for the parameters fitted.
    """
    rows = cumulative.shape[0]
    factors = link_factors(cumulative)
    known = np.isfinite(cumulative)
    fitted = np.full_like(cumulative, np.nan)
    ends = latest(cumulative)
    for row in range(rows):
        last = rows - 1 - row
        back = np.concatenate([[1.0], np.cumprod(1.0 / np.maximum(factors[:last][::-1], 1e-12))])
        fitted[row, : last + 1] = ends[row] * back[::-1]
    expected = np.diff(fitted, axis=1, prepend=0.0)
    seen = np.diff(cumulative, axis=1, prepend=0.0)
    usable = known & (expected > 1e-9)
    residuals = (seen[usable] - expected[usable]) / np.sqrt(expected[usable])
    freedom = max(1, int(usable.sum()) - 2 * rows + 1)
    dispersion = float((residuals**2).sum() / freedom)
    residuals = residuals * np.sqrt(usable.sum() / freedom)
    rng = np.random.default_rng(seed)
    drawn = np.zeros((draws, rows, rows))
    if len(residuals):
        picked = rng.choice(residuals - residuals.mean(), size=(draws, int(usable.sum())))
        drawn[:, usable] = np.maximum(0.0, expected[usable] + picked * np.sqrt(expected[usable]))
    made = np.cumsum(drawn, axis=2)
    made[:, ~known] = np.nan
    return made, dispersion
