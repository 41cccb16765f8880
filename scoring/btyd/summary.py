"""Customers as the sufficient statistics of the purchase models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.btyd.likelihood import Vector


@dataclass(frozen=True)
class Summary:
    """Customers with equal (x, tx, T) collapsed into one weighted row.

    Rows are sorted by frequency, age and recency, hence independent of the order of the input.
    ``rows`` gives for every customer of the input its row. ``counts`` are the distinct
    frequencies, ``count_of`` the index into them per row, ``count_weight`` their weights.
    """

    frequency: Vector
    recency: Vector
    age: Vector
    weight: Vector
    rows: NDArray[np.intp]
    counts: Vector
    count_of: NDArray[np.intp]
    count_weight: Vector

    @classmethod
    def collapse(
        cls,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        weights: ArrayLike | None = None,
    ) -> Summary:
        """Collapse four arrays of shape (n,).

        Raises:
            ValueError: arrays of different shape, a value that is not finite or is negative, a
                frequency that is not whole, a recency beyond the age, or a recency of zero with
                repeat purchases.
        """
        x, tx, t = (np.asarray(values, dtype=np.float64) for values in (frequency, recency, age))
        w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
        if x.ndim != 1 or not x.shape == tx.shape == t.shape == w.shape:
            raise ValueError("frequency, recency, age and weights must be vectors of one length")
        for name, values in (("frequency", x), ("recency", tx), ("age", t), ("weights", w)):
            if not np.all(np.isfinite(values)) or np.any(values < 0):
                raise ValueError(f"{name} must be finite and not negative")
        if np.any(x % 1 > 0):
            raise ValueError("frequency must be whole numbers")
        if np.any(tx > t):
            raise ValueError("recency must not exceed age")
        if np.any((x > 0) & (tx <= 0)):
            raise ValueError("recency must be positive where frequency is")
        # The last purchase of a customer without a repeat is the first one, whatever was passed.
        tx = np.where(x > 0, tx, 0.0)

        order = np.lexsort((tx, t, x))
        keys = np.stack([x[order], t[order], tx[order]])
        starts = np.ones(len(x), dtype=bool)
        starts[1:] = np.any(keys[:, 1:] != keys[:, :-1], axis=0)
        rows = np.empty(len(x), dtype=np.intp)
        rows[order] = np.cumsum(starts) - 1
        weight: Vector = np.bincount(rows, weights=w, minlength=int(starts.sum())).astype(
            np.float64
        )
        x, t, tx = keys[:, starts]
        counts, count_of = np.unique(x, return_inverse=True)
        return cls(
            frequency=x,
            recency=tx,
            age=t,
            weight=weight,
            rows=rows,
            counts=counts,
            count_of=count_of,
            count_weight=np.bincount(count_of, weights=weight, minlength=len(counts)).astype(
                np.float64
            ),
        )

    def scaled(self, unit: float) -> Summary:
        """The same customers with times in multiples of ``unit``."""
        return Summary(
            self.frequency,
            self.recency / unit,
            self.age / unit,
            self.weight,
            self.rows,
            self.counts,
            self.count_of,
            self.count_weight,
        )

    @property
    def total_weight(self) -> float:
        """The number of customers."""
        return float(self.weight.sum())
