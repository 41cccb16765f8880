"""What it is worth to choose customers in some way, by scores that assume nothing but the lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from scoring.actions.uplift import Array, Scores

RANKING, ALL, NONE, RISKIEST, RANDOM = "ranking", "all", "none", "riskiest_first", "random"


@dataclass(frozen=True)
class Value:
    """A mean per decision with its interval."""

    mean: float
    low: float
    high: float


def policies(
    expected: Array,
    risk: Array,
    order: NDArray[np.uint64],
    fold: NDArray[np.int64],
    share: float,
) -> Mapping[str, Array]:
    """How likely each policy acts on each decision.

    The ranking acts on those of whom most is expected, after cost, and on none of whom nothing is;
    it and the riskiest first have a share of the decisions to act on. ``order`` breaks ties.

    The share is of each fold: expectations of a fold are made by the others, and where all rank
    together those whose own fold did well would come last.
    """
    n = len(expected)

    def first(by: Array) -> Array:
        chosen = np.zeros(n)
        for number in np.unique(fold):
            inside = np.flatnonzero(fold == number)
            ranked = inside[np.lexsort((order[inside], -by[inside]))]
            chosen[ranked[: round(share * len(inside))]] = 1.0
        return chosen

    return {
        RANKING: first(expected) * (expected > 0),
        ALL: np.ones(n),
        NONE: np.zeros(n),
        RISKIEST: first(risk),
        RANDOM: np.full(n, share),
    }


def worth(
    acted: Array, scores: Scores, cost: Array, customers: NDArray[np.uint64], confidence: float
) -> Value:
    """Worth of a decision under a policy, less what acting costs."""
    return _mean(scores.without + acted * (scores.effect - cost), customers, confidence)


def gain(
    more: Array, scores: Scores, cost: Array, customers: NDArray[np.uint64], confidence: float
) -> Value:
    """What one policy is worth above another, which acts as much less often on each decision."""
    return _mean(more * (scores.effect - cost), customers, confidence)


def clustered_error(influence: Array, customers: NDArray[np.uint64]) -> float:
    """Standard error of a mean by its terms about it, those of one customer going together."""
    _, of = np.unique(customers, return_inverse=True)
    sums = np.bincount(of, weights=influence)
    groups = len(sums)
    return float(np.sqrt((sums**2).sum() * groups / max(1, groups - 1)) / len(influence))


def _mean(values: Array, customers: NDArray[np.uint64], confidence: float) -> Value:
    mean = float(values.mean())
    half = float(norm.ppf((1 + confidence) / 2)) * clustered_error(values - mean, customers)
    return Value(mean, mean - half, mean + half)
