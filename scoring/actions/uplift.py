"""Whom an action changes most: doubly robust scores, and a regression on what customers are like.

The scores (Robins, Rotnitzky and Zhao 1994) have the effect on each customer as their mean, as long
as the lot is known; cross-fitting (Chernozhukov et al. 2018) keeps a decision out of what it is
judged by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Array = NDArray[np.float64]
FOLDS = 5
# Spread of the effects that a standard deviation of a feature makes, over the error of one score.
_SPREADS = np.concatenate([[0.0], np.logspace(-3.5, 0.5, 33)])


@dataclass(frozen=True)
class Scores:
    """Doubly robust scores of decisions: of the outcome without the action, and of the effect."""

    without: Array
    effect: Array


@dataclass(frozen=True)
class Linear:
    """A linear function of features, with the covariance of its coefficients."""

    centre: Array
    scale: Array
    intercept: float
    slopes: Array
    variance_of_mean: float
    covariance: Array

    def at(self, features: Array) -> Array:
        """Its value where features are so."""
        return self.intercept + ((features - self.centre) / self.scale) @ self.slopes

    def interval(self, features: Array, confidence: float) -> tuple[Array, Array]:
        """Ends of the interval of its value."""
        scaled = (features - self.centre) / self.scale
        spread = np.einsum("ij,jk,ik->i", scaled, self.covariance, scaled)
        half = float(norm.ppf((1 + confidence) / 2)) * np.sqrt(self.variance_of_mean + spread)
        middle = self.intercept + scaled @ self.slopes
        return middle - half, middle + half


def fit(features: Array, values: Array) -> Linear:
    """A linear function whose slopes are drawn to zero as far as the values ask for.

    The prior of the slopes is normal, with the spread that makes the values likeliest (empirical
    Bayes): where customers do not differ, all get the mean.
    """
    centre, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    scaled = (features - centre) / scale
    mean = float(values.mean())
    rest = values - mean
    n, p = scaled.shape
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    seen = left.T @ rest
    noise = float(max(rest @ rest - seen @ seen, 1e-12) / max(1, n - p - 1))
    spreads = noise * _SPREADS**2
    expected = noise + spreads[:, None] * singular**2
    likelihood = -0.5 * (np.log(expected) + seen**2 / expected).sum(axis=1)
    spread = float(spreads[int(np.argmax(likelihood))])
    shrunk = spread / (spread * singular**2 + noise)
    slopes = right.T @ (shrunk * singular * seen)
    covariance = (right.T * (noise * shrunk)) @ right
    return Linear(centre, scale, mean, slopes, float(rest @ rest) / n / max(1, n - 1), covariance)


def folds(customers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The fold of each decision: those of one customer are in one."""
    return (customers % FOLDS).astype(np.int64)


def scores(
    features: Array, outcome: Array, treated: NDArray[np.bool_], share: Array, fold: Array
) -> Scores:
    """Scores of decisions, of which those of a fold are predicted from all others.

    ``share`` is the probability with which each was decided for.
    """
    with_it, without = np.empty(len(outcome)), np.empty(len(outcome))
    for number in np.unique(fold):
        inside = fold == number
        for arm, into in ((treated, with_it), (~treated, without)):
            rows = arm & ~inside
            if rows.sum() < 2:
                into[inside] = outcome[arm].mean() if arm.any() else 0.0
            else:
                into[inside] = fit(features[rows], outcome[rows]).at(features[inside])
    of_treated = np.where(treated, (outcome - with_it) / share, 0.0)
    of_control = np.where(treated, 0.0, (outcome - without) / (1 - share))
    return Scores(without + of_control, with_it - without + of_treated - of_control)


def cross_fitted(features: Array, effect: Array, fold: Array) -> Array:
    """The effect to expect of each decision, by those of other folds."""
    found = np.empty(len(effect))
    for number in np.unique(fold):
        inside = fold == number
        rows = ~inside
        found[inside] = (
            fit(features[rows], effect[rows]).at(features[inside])
            if rows.sum() > 1
            else effect.mean()
        )
    return found
