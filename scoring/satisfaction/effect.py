"""Whether who is content comes back: a linear model with errors clustered by customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from scipy.stats import t as student

Array = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effects:
    """Slopes of the first columns, with their 95% intervals; NaN where nothing can be told."""

    slope: Array
    low: Array
    high: Array


def effects(
    columns: Array, controls: Array, outcome: Array, clusters: NDArray[np.int64]
) -> Effects:
    """Slopes of ``columns`` with ``controls`` unchanged, errors clustered (CR1).

    Probabilities are linear in the columns: a slope is the mean change of the probability. A
    column that the others tell all of has none.
    """
    count = columns.shape[1]
    controls = _independent(np.column_stack([np.ones(len(outcome)), controls]))
    remaining = columns - controls @ np.linalg.lstsq(controls, columns, rcond=None)[0]
    spread = columns.std(axis=0)
    told = (spread > 0) & (remaining.std(axis=0) > 1e-6 * np.where(spread > 0, spread, 1.0))
    nothing = np.full(count, np.nan)
    slope, error = nothing.copy(), nothing.copy()
    design = remaining[:, told]
    groups = int(clusters.max()) + 1 if len(clusters) else 0
    size = design.shape[1] + controls.shape[1]
    if not told.any() or groups < 2 or len(outcome) <= size:
        return Effects(nothing, nothing, nothing)
    left = outcome - controls @ np.linalg.lstsq(controls, outcome, rcond=None)[0]
    gram = design.T @ design
    if np.linalg.matrix_rank(gram, hermitian=True) < len(gram):
        return Effects(nothing, nothing, nothing)
    inverse = np.linalg.inv(gram)
    found = inverse @ (design.T @ left)
    residual = left - design @ found
    scores = np.zeros((groups, design.shape[1]))
    np.add.at(scores, clusters, design * residual[:, None])
    correction = groups / (groups - 1) * (len(outcome) - 1) / (len(outcome) - size)
    covariance = correction * inverse @ (scores.T @ scores) @ inverse
    slope[told] = found
    error[told] = np.sqrt(np.diagonal(covariance))
    half = float(student.ppf((1 + CONFIDENCE) / 2, groups - 1)) * error
    return Effects(slope, slope - half, slope + half)


def knows_outcome(score: Array, outcome: Array, limit: float) -> bool:
    """Whether a score tells the outcome better than anything measured before it could.

    By the probability that of two, one of each outcome, it ranks them right (area under the
    curve), in either direction.
    """
    hits = outcome > 0
    positives, negatives = int(hits.sum()), int((~hits).sum())
    if not positives or not negatives:
        return False
    ranks = rankdata(score)
    area = (ranks[hits].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    return bool(max(area, 1 - area) >= limit)


def _independent(columns: Array) -> Array:
    """The columns without those that the ones before tell all of."""
    kept: list[Array] = []
    for column in columns.T:
        norm = np.linalg.norm(column)
        rest = column
        if kept:
            base = np.column_stack(kept)
            rest = column - base @ np.linalg.lstsq(base, column, rcond=None)[0]
        if norm > 0 and np.linalg.norm(rest) > 1e-8 * norm:
            kept.append(column)
    return np.column_stack(kept)
