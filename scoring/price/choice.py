"""Poisson regression of units with two sets of absorbed effects, and errors by cluster.

Units of an alternative ``k`` in a choice ``(b, t)`` have the mean

    exp(group effect of (b, t) + intercept of (b, k) + own slopes of k + common slopes)

Products compete in a store-week (``b`` the store, ``t`` the week, ``k`` the product: effects of
store x week and of product x store); stores compete in a week (one block, ``t`` the week, ``k``
the store: effects of week and of store). Given the sum of a choice the units are multinomial,
which takes the group effects out exactly (Palmgren 1981; McFadden 1974); weeks without a sale
count, as no logarithm of units is needed. The intercepts are eliminated from each Newton step in
closed form. Nothing but the mean has to be right: errors are of the sandwich kind, by cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 40
# What a step adds to the likelihood, below which it is the last, and per unit: less than a
# hundredth of a standard error.
_CONVERGED, _CONVERGED_PER_UNIT = 1e-4, 1e-9
# Newton steps are cut to this change of the linear predictor: far from the optimum they overshoot.
_LONGEST_STEP = 5.0
# Columns that vary by less, given the effects, say nothing.
_LEAST_DEVIATION = 1e-3
# Eigenvalues, of correlations between slopes, below which columns cannot be told apart.
_LEAST_EIGENVALUE = 1e-7


@dataclass(frozen=True)
class Fit:
    """Slopes and their covariance by kind of cluster; of two kinds also by both.

    Own slopes come first (alternative by alternative, column by column), then common ones. A slope
    is NaN where nothing tells it: its column does not vary given the effects, or only together
    with another one. Shares are those of each alternative in the choices of those who choose it.
    """

    slopes: Array
    shares: Array
    covariances: tuple[Array, ...]
    clusters: tuple[int, ...]
    choices: int
    converged: bool


@dataclass(frozen=True)
class _State:
    predictor: Array
    expected: Array
    likelihood: float


class Choices:
    """Units chosen, and what may have moved them.

    Args:
        units: ``[b, t, k]``, not negative; 0 where something else was chosen.
        available: ``[b, t, k]``: whether the alternative could be chosen.
        own: ``[b, t, k, q]``, columns with a slope for each alternative.
        common: ``[b, t, k, r]``, columns with one slope for all.
    """

    def __init__(
        self, units: Array, available: NDArray[np.bool_], own: Array, common: Array
    ) -> None:
        """Set aside what tells nothing: choices of one, and alternatives that nobody chose."""
        taken = np.where(available, units, 0.0)
        # Without a single sale in its block, an alternative tells nothing there.
        self.open = available & (taken.sum(axis=1, keepdims=True) > 0)
        # A choice of one is none.
        self.open &= self.open.sum(axis=2, keepdims=True) > 1
        self.units = np.where(self.open, taken, 0.0)
        self.totals = self.units.sum(axis=2)
        self.open &= (self.totals > 0)[:, :, None]
        self.own = np.where(self.open[..., None], own, 0.0)
        self.common = np.where(self.open[..., None], common, 0.0)
        self.alternatives, self.per_alternative = own.shape[2:]
        self.shared = common.shape[3]
        self.active = self.open.any(axis=1)

    @property
    def slopes(self) -> int:
        """How many slopes there are."""
        return self.alternatives * self.per_alternative + self.shared

    def fit(self, clusters: Sequence[int]) -> Fit:
        """The slopes, and their errors by cluster: along axis 0, 1 or 2 of the units."""
        slopes, intercepts = np.zeros(self.slopes), self._first_intercepts()
        used = int((self.totals > 0).sum())
        if not used or not self.slopes:
            nothing = np.full((self.slopes, self.slopes), np.nan)
            empty = tuple(nothing for _ in clusters)
            untold = np.full(self.slopes, np.nan)
            shares = np.zeros(self.alternatives)
            return Fit(untold, shares, empty, (0,) * len(clusters), used, False)
        state, converged = self._state(slopes, intercepts), False
        for _ in range(_STEPS):
            gradient, gradients = self._gradients(state)
            information, projection, inverse = self._information(state)
            adjusted = gradient - np.einsum("bkp,bk->p", projection, gradients)
            step = _pseudo_inverse(information)[0] @ adjusted
            steps = np.einsum("bkl,bl->bk", inverse, gradients) - projection @ step
            decrement = float(gradient @ step + (gradients * steps).sum())
            moved = np.abs(self._predictor(step, steps))[self.open].max()
            share = min(1.0, _LONGEST_STEP / max(moved, 1e-300))
            following = self._state(slopes + share * step, intercepts + share * steps)
            while following.likelihood < state.likelihood - 1e-9 and share > 1e-6:
                share /= 2
                following = self._state(slopes + share * step, intercepts + share * steps)
            slopes, intercepts = slopes + share * step, intercepts + share * steps
            state = following
            if decrement < max(_CONVERGED, _CONVERGED_PER_UNIT * self.units.sum()):
                converged = True
                break
        return self._result(slopes, state, clusters, used, converged)

    def _first_intercepts(self) -> Array:
        sold, weeks = self.units.sum(axis=1), self.open.sum(axis=1)
        return np.log(np.maximum(sold, 1e-300) / np.maximum(weeks, 1)) * self.active

    def _predictor(self, slopes: Array, intercepts: Array) -> Array:
        own = slopes[: self.alternatives * self.per_alternative]
        own = own.reshape(self.alternatives, self.per_alternative)
        common = slopes[self.alternatives * self.per_alternative :]
        predictor: Array = (
            intercepts[:, None, :] + np.einsum("btkq,kq->btk", self.own, own) + self.common @ common
        )
        return predictor

    def _state(self, slopes: Array, intercepts: Array) -> _State:
        predictor = np.where(self.open, self._predictor(slopes, intercepts), -np.inf)
        highest = predictor.max(axis=2, keepdims=True)
        highest = np.where(np.isfinite(highest), highest, 0.0)
        weight = np.exp(predictor - highest)
        total = weight.sum(axis=2, keepdims=True)
        share = weight / np.where(total > 0, total, 1.0)
        logs = np.where(self.open, predictor - highest - np.log(np.where(total > 0, total, 1)), 0)
        return _State(predictor, self.totals[..., None] * share, float((self.units * logs).sum()))

    def _gradients(self, state: _State) -> tuple[Array, Array]:
        """Of the slopes, and of the intercepts."""
        error = self.units - state.expected
        own = np.einsum("btkq,btk->kq", self.own, error).ravel()
        common = np.einsum("btkr,btk->r", self.common, error)
        return np.concatenate([own, common]), error.sum(axis=1)

    def _information(self, state: _State) -> tuple[Array, Array, Array]:
        """Information on the slopes given the intercepts, and what eliminates those.

        The projection ``[b, k, p]`` is the regression of the columns on the intercepts, the inverse
        ``[b, k, k]`` that of the information on these.
        """
        expected, kinds = state.expected, self.per_alternative
        blocks, times, size = expected.shape
        columns = size * kinds
        share = expected / np.where(self.totals > 0, self.totals, 1.0)[..., None]
        root = np.sqrt(self.totals)
        weighted_own = (expected[..., None] * self.own).reshape(blocks, times, columns)
        mean_own = (share[..., None] * self.own).reshape(blocks, times, columns)
        mean_common = np.einsum("btk,btkr->btr", share, self.common)
        mean = np.concatenate([mean_own, mean_common], axis=2) * root[..., None]

        information = -np.tensordot(mean, mean, axes=([0, 1], [0, 1]))
        own_own = np.einsum("btkq,btkr->kqr", weighted_own.reshape(self.own.shape), self.own)
        own_common = np.einsum("btkq,btkr->kqr", weighted_own.reshape(self.own.shape), self.common)
        of_intercepts = np.zeros((blocks, size, self.slopes))
        sums = weighted_own.reshape(self.own.shape).sum(axis=1)
        for k in range(size):
            mine = slice(k * kinds, (k + 1) * kinds)
            information[mine, mine] += own_own[k]
            information[mine, columns:] += own_common[k]
            information[columns:, mine] += own_common[k].T
            of_intercepts[:, k, mine] = sums[:, k]
        weighted = self.common * expected[..., None]
        information[columns:, columns:] += np.tensordot(
            weighted, self.common, axes=([0, 1, 2], [0, 1, 2])
        )
        of_intercepts[:, :, columns:] = weighted.sum(axis=1)
        rooted = share * root[..., None]
        of_intercepts -= np.matmul(rooted.transpose(0, 2, 1), mean)

        intercepts = -np.matmul(rooted.transpose(0, 2, 1), rooted)
        diagonal = np.arange(size)
        intercepts[:, diagonal, diagonal] += expected.sum(axis=1)
        # One intercept of a block is free: what it adds to all is nothing. An alternative that is
        # not in the block has none.
        scale = np.maximum(np.einsum("bkk->b", intercepts), 1e-12)[:, None, None]
        active = self.active[:, :, None] & self.active[:, None, :]
        intercepts += np.where(active, scale / size, 0.0)
        intercepts[:, diagonal, diagonal] += np.where(self.active, 1e-11, 1.0) * scale[:, 0]
        inverse = np.linalg.inv(intercepts)
        projection = np.matmul(inverse, of_intercepts)
        information -= np.tensordot(of_intercepts, projection, axes=([0, 1], [0, 1]))
        return (information + information.T) / 2, projection, inverse

    def _result(
        self, slopes: Array, state: _State, clusters: Sequence[int], used: int, converged: bool
    ) -> Fit:
        information, projection, _ = self._information(state)
        inverse, told = _pseudo_inverse(information)
        told &= self._deviation(state, information) >= _LEAST_DEVIATION
        # Columns as they deviate from their mean in the choice and in the block.
        error = self.units - state.expected
        share = state.expected / np.where(self.totals > 0, self.totals, 1.0)[..., None]
        columns = -np.broadcast_to(projection[:, None], (*error.shape, self.slopes)).copy()
        kinds = self.per_alternative
        for k in range(self.alternatives):
            columns[:, :, k, k * kinds : (k + 1) * kinds] += self.own[:, :, k]
        columns[..., self.alternatives * kinds :] += self.common
        columns -= np.einsum("btk,btkp->btp", share, columns)[:, :, None]
        columns *= error[..., None]
        covariances, sizes = [], []
        for axis in clusters:
            others = tuple(other for other in range(3) if other != axis)
            scores = columns.sum(axis=others)
            size = int((self.open.any(axis=others)).sum())
            meat = scores.T @ scores * (size / (size - 1) if size > 1 else np.nan)
            covariance = inverse @ meat @ inverse
            covariance[~told, :] = covariance[:, ~told] = np.nan
            covariances.append(covariance)
            sizes.append(size)
        if len(clusters) == 2:
            # By both (Cameron, Gelbach and Miller 2011): what is in a cell of the two counts once.
            apart = tuple({0, 1, 2} - set(clusters))
            scores = columns.sum(axis=apart).reshape(-1, self.slopes)
            cells = inverse @ (scores.T @ scores) @ inverse
            covariances.append(covariances[0] + covariances[1] - cells)
            sizes.append(min(sizes))
        found = np.where(told, slopes, np.nan)
        sold = state.expected.sum(axis=(0, 1))
        shares = (state.expected * share).sum(axis=(0, 1)) / np.where(sold > 0, sold, 1.0)
        return Fit(found, shares, tuple(covariances), tuple(sizes), used, converged)

    def _deviation(self, state: _State, information: Array) -> Array:
        """Standard deviation of each column given the effects."""
        weight = state.expected.sum(axis=(0, 1))
        own = np.repeat(weight, self.per_alternative)
        weights = np.concatenate([own, np.full(self.shared, weight.sum())])
        variance = np.maximum(np.diag(information), 0.0) / np.maximum(weights, 1e-300)
        deviation: Array = np.sqrt(np.where(weights > 0, variance, 0.0))
        return deviation


def _pseudo_inverse(information: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The inverse where there is one, and which slopes it tells."""
    scale = np.sqrt(np.maximum(np.diag(information), 0.0))
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(safe, safe))
    kept = values > _LEAST_EIGENVALUE
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(safe, safe)
    lost = (vectors[:, ~kept] ** 2).sum(axis=1)
    return inverse, (scale > 0) & (lost < 1e-3)
