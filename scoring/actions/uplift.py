"""Whom an action changes most: doubly robust scores, and a regression on what customers are like.

The scores (Robins, Rotnitzky and Zhao 1994) have the effect on each customer as their mean, as long
as the lot is known; cross-fitting (Chernozhukov et al. 2018) keeps a decision out of what it is
judged by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Array = NDArray[np.float64]
Folds = NDArray[np.int64]
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

    def spread(self, features: Array) -> Array:
        """Variance of its slopes' part where features are so."""
        scaled = (features - self.centre) / self.scale
        return np.asarray(np.einsum("ij,jk,ik->i", scaled, self.covariance, scaled))

    def variance(self, features: Array) -> Array:
        """Variance of its value where features are so."""
        return self.variance_of_mean + self.spread(features)


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
    features: Array, outcome: Array, treated: NDArray[np.bool_], share: Array, fold: Folds
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


@dataclass(frozen=True)
class Lines:
    """The effect of each of several actions: what they have in common, and what is its own.

    Customers who are moved by one action are often moved by others: a log that is too short to tell
    whom an action moves borrows from the rest.
    """

    common: Linear
    own: Mapping[str, Linear]

    @classmethod
    def of(cls, parts: Mapping[str, tuple[Array, Array]]) -> Lines:
        """From features and scores of the effect by action."""
        common = fit(
            np.concatenate([features for features, _ in parts.values()]),
            np.concatenate([effect - effect.mean() for _, effect in parts.values()]),
        )
        own = {
            action: fit(features, effect - common.at(features))
            for action, (features, effect) in parts.items()
        }
        return cls(common, own)

    def at(self, action: str, features: Array) -> Array:
        """The effect of an action to expect where features are so."""
        return self.common.at(features) + self.own[action].at(features)

    def interval(self, action: str, features: Array, confidence: float) -> tuple[Array, Array]:
        """Ends of its interval."""
        half = float(norm.ppf((1 + confidence) / 2)) * np.sqrt(
            self.common.spread(features) + self.own[action].variance(features)
        )
        middle = self.at(action, features)
        return middle - half, middle + half


def cross_fitted(
    parts: Mapping[str, tuple[Array, Array, Folds]],
) -> Mapping[str, Array]:
    """The effect to expect of each decision, by those of other folds.

    ``parts``: features, scores of the effect, and fold of the decisions, by action.
    """
    found = {action: np.zeros(len(effect)) for action, (_, effect, _) in parts.items()}
    for number in np.unique(np.concatenate([fold for _, _, fold in parts.values()])):
        lines = Lines.of(
            {
                action: (features[fold != number], effect[fold != number])
                for action, (features, effect, fold) in parts.items()
            }
        )
        for action, (features, _, fold) in parts.items():
            found[action][fold == number] = lines.at(action, features[fold == number])
    return found
