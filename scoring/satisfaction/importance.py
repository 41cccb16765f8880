"""Relative importance of regressors: Shapley's (Lindeman, Merenda and Gold's) shares of R2."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def moments(scores: Array, outcome: Array, patterns: NDArray[np.int64], weights: Array) -> Array:
    """Weighted covariances about the mean of each pattern, the outcome last.

    Each is of the rows that were asked of both, so that what is asked of few (a delivery) counts
    as much as it does for them, and not as little as they are.

    Args:
        scores: (rows, dimensions); NaN where a dimension was not asked.
        outcome: (rows,).
        patterns: which dimensions were asked, as numbers from 0: who was not asked of something
            may differ otherwise as well, so that only rows with the same questions are compared.
        weights: (draws, rows).

    Returns:
        (draws, dimensions + 1, dimensions + 1); zero for two that are never asked together.
    """
    columns = np.column_stack([np.nan_to_num(scores), outcome])
    asked = np.column_stack([~np.isnan(scores), np.ones(len(outcome), dtype=bool)])
    size = columns.shape[1]
    total = np.zeros((len(weights), size, size))
    rows_of = np.zeros_like(total)
    for pattern in np.unique(patterns):
        rows = columns[patterns == pattern]
        # Sums about a common origin keep their digits.
        rows = rows - rows.mean(axis=0)
        w = weights[:, patterns == pattern]
        counts = w.sum(axis=1)
        sums = w @ rows
        products = (rows[:, :, None] * rows[:, None, :]).reshape(len(rows), size * size)
        squares = (w @ products).reshape(-1, size, size)
        mean = np.divide(sums, counts[:, None], out=np.zeros_like(sums), where=counts[:, None] > 0)
        total += squares - mean[:, :, None] * sums[:, None, :]
        both = np.outer(*[asked[patterns == pattern][0]] * 2)
        rows_of += counts[:, None, None] * both
    return np.divide(total, rows_of, out=np.zeros_like(total), where=rows_of > 0)


def explained(covariances: Array, of: tuple[int, ...]) -> Array:
    """R2 of the last variable on those of ``of``, for each of the matrices."""
    total = covariances[:, -1, -1]
    if not of:
        return np.zeros(len(covariances))
    index = np.asarray(of)
    inner = covariances[:, index[:, None], index[None, :]]
    # Of correlations, so that no unit decides what is taken for nothing.
    scale = np.sqrt(np.diagonal(inner, axis1=1, axis2=2))
    scale = np.where(scale > 0, scale, 1.0)
    cross = covariances[:, index, -1] / scale
    inner = inner / (scale[:, :, None] * scale[:, None, :])
    inverse = np.linalg.pinv(inner, rcond=1e-10, hermitian=True)
    found = np.einsum("di,dij,dj->d", cross, inverse, cross)
    r2 = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    return np.asarray(np.clip(r2, 0.0, 1.0), dtype=np.float64)


def shapley(covariances: Array) -> tuple[Array, Array]:
    """R2 of all variables, (draws,), and each one's part of it, (draws, variables)."""
    count = covariances.shape[1] - 1
    r2 = {
        of: explained(covariances, of)
        for size in range(count + 1)
        for of in combinations(range(count), size)
    }
    parts = np.zeros((len(covariances), count))
    for variable in range(count):
        for of, before in r2.items():
            if variable in of:
                continue
            weight = factorial(len(of)) * factorial(count - len(of) - 1) / factorial(count)
            joined = tuple(sorted((*of, variable)))
            parts[:, variable] += weight * (r2[joined] - before)
    return r2[tuple(range(count))], parts


def inflation(covariance: Array) -> Array:
    """Variance inflation of each variable by the others; infinite where they tell all of it."""
    scale = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(scale, scale)
    count = len(correlation)
    found = np.empty(count)
    for variable in range(count):
        others = [other for other in range(count) if other != variable]
        order = [*others, variable]
        by_others = explained(correlation[np.ix_(order, order)][None], tuple(range(count - 1)))
        left = 1.0 - float(by_others[0])
        found[variable] = 1.0 / left if left > 1e-9 else np.inf
    return found
