"""Estimates drawn towards those of their like: empirical Bayes on two levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# With fewer estimates nothing is known of how much they differ.
_LEAST = 3


@dataclass(frozen=True)
class Shrunk:
    """Estimates, their standard errors, and the weight of what each said itself."""

    estimate: Array
    standard_error: Array
    own_weight: Array


def shrink(estimates: Array, errors: Array, groups: NDArray[np.int64]) -> Shrunk:
    """Draw each estimate towards the mean of its group, and the mean towards that of all groups.

    How much the truth differs within and between groups is estimated by moments (DerSimonian and
    Laird 1986), so that only what errors do not explain is kept apart. With fewer than three
    estimates nothing is drawn.
    """
    if len(estimates) < _LEAST:
        return Shrunk(estimates, errors, np.ones(len(estimates)))
    variances = errors**2
    size = int(groups.max()) + 1
    within = _between(estimates, variances, groups, size)
    weights = 1 / (variances + within)
    sums = np.bincount(groups, weights, size)
    means = np.bincount(groups, weights * estimates, size) / np.where(sums > 0, sums, 1.0)
    known = sums > 0
    one = np.zeros(int(known.sum()), dtype=np.int64)
    between = _between(means[known], 1 / sums[known], one, 1)
    weights_of_means = known / (1 / np.where(known, sums, 1.0) + between)
    grand = float((weights_of_means * means).sum() / weights_of_means.sum())
    of_mean = between / (between + 1 / np.where(known, sums, 1.0))
    means = grand + of_mean * (means - grand)
    variance_of_means = of_mean / np.where(known, sums, 1.0) + (1 - of_mean) ** 2 / (
        weights_of_means.sum()
    )
    own = within / (within + variances)
    estimate = own * estimates + (1 - own) * means[groups]
    variance = own * variances + (1 - own) ** 2 * variance_of_means[groups]
    return Shrunk(estimate, np.sqrt(variance), own)


def _between(estimates: Array, variances: Array, groups: NDArray[np.int64], size: int) -> float:
    """Variance of the truth around the means of groups."""
    weights = 1 / variances
    sums = np.bincount(groups, weights, size)
    means = np.bincount(groups, weights * estimates, size) / np.where(sums > 0, sums, 1.0)
    spread = float((weights * (estimates - means[groups]) ** 2).sum())
    squares = np.bincount(groups, weights**2, size) / np.where(sums > 0, sums, 1.0)
    expected = len(estimates) - int((sums > 0).sum())
    slack = float(weights.sum() - squares.sum())
    return max(0.0, (spread - expected) / slack) if slack > 1e-9 * weights.sum() else 0.0
