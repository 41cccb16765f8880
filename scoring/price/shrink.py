"""Estimates drawn towards those of their like: partial pooling on two levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# With fewer estimates nothing is known of how much they differ.
_LEAST = 3
# Spreads tried, of the items within their groups and of the groups.
_SPREADS = 24


@dataclass(frozen=True)
class Shrunk:
    """Estimates, their standard errors, and the weight of what each said itself."""

    estimate: Array
    standard_error: Array
    own_weight: Array


@dataclass(frozen=True)
class _Pooled:
    """What follows from two spreads: posterior moments, and how likely the spreads are."""

    mean: Array
    variance: Array
    own: Array
    log_likelihood: float


def shrink(estimates: Array, errors: Array, groups: NDArray[np.int64]) -> Shrunk:
    """Draw each estimate towards the mean of its group, and the mean towards that of all groups.

    A normal model on two levels. How much the truth differs within and between groups is not known
    either: moments are means over both spreads, all equally likely beforehand (Gelman 2006), so
    that a few estimates that happen to agree do not pass for equal. With fewer than three estimates
    nothing is drawn.
    """
    if len(estimates) < _LEAST:
        return Shrunk(estimates, errors, np.ones(len(estimates)))
    variances = errors**2
    middle = float(np.average(estimates, weights=1 / variances))
    widest = float(np.abs(estimates - middle).max())
    least = 0.1 * float(errors.min())
    spreads = np.concatenate([[0.0], np.geomspace(least, max(widest, 10 * least), _SPREADS)])
    # Of spreads that are as likely as each other, each stands for those around it.
    widths = np.gradient(spreads)
    between = spreads if groups.max() else spreads[:1]
    pooled = [
        (np.log(width * other_width), _pooled(estimates, variances, groups, within**2, other**2))
        for within, width in zip(spreads, widths, strict=True)
        for other, other_width in zip(between, widths[: len(between)], strict=True)
    ]
    logs = np.array([prior + found.log_likelihood for prior, found in pooled])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    means = np.array([found.mean for _, found in pooled])
    mean = weights @ means
    spread_of_means = weights @ (means - mean) ** 2
    variance = weights @ np.array([found.variance for _, found in pooled]) + spread_of_means
    own = weights @ np.array([found.own for _, found in pooled])
    return Shrunk(mean, np.sqrt(variance), np.minimum(own, 1.0))


def _pooled(
    estimates: Array, variances: Array, groups: NDArray[np.int64], within: float, between: float
) -> _Pooled:
    """Posterior moments given the variance of the truth within and between groups."""
    size = int(groups.max()) + 1
    weights = 1 / (variances + within)
    sums = np.bincount(groups, weights, size)
    known = sums > 0
    of_groups = 1 / np.where(known, sums, 1.0)
    means = np.bincount(groups, weights * estimates, size) * of_groups
    weights_of_means = known / (of_groups + between)
    total = float(weights_of_means.sum())
    grand = float((weights_of_means * means).sum()) / total
    log_likelihood = 0.5 * float(
        np.log(weights).sum()
        - (weights * (estimates - means[groups]) ** 2).sum()
        + (np.log(of_groups[known]) + np.log(weights_of_means[known])).sum()
        - (weights_of_means * (means - grand) ** 2).sum()
        - np.log(total)
    )
    of_mean = between / (between + of_groups)
    drawn = grand + of_mean * (means - grand)
    variance_of_means = of_mean * of_groups + (1 - of_mean) ** 2 / total
    own = within / (within + variances)
    mean = own * estimates + (1 - own) * drawn[groups]
    variance = own * variances + (1 - own) ** 2 * variance_of_means[groups]
    return _Pooled(mean, variance, own, log_likelihood)
