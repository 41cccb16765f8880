"""Customers as the sufficient statistics of the purchase models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from scoring.btyd.likelihood import Vector

Index = NDArray[np.intp]
Number = TypeVar("Number", np.float64, np.intp)

# Keys in a range this short are counted in a table, which is faster than hashing them.
_TABLE = 1 << 21


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
        w = None if weights is None else np.asarray(weights, dtype=np.float64)
        if x.ndim != 1 or not x.shape == tx.shape == t.shape == (x if w is None else w).shape:
            raise ValueError("frequency, recency, age and weights must be vectors of one length")
        for name, values in (("frequency", x), ("recency", tx), ("age", t), ("weights", w)):
            if values is not None and not np.all((values >= 0) & (values < np.inf)):
                raise ValueError(f"{name} must be finite and not negative")
        if np.any(x != np.floor(x)):
            raise ValueError("frequency must be whole numbers")
        if np.any(tx > t):
            raise ValueError("recency must not exceed age")
        if np.any((x > 0) & (tx <= 0)):
            raise ValueError("recency must be positive where frequency is")
        # The last purchase of a customer without a repeat is the first one, whatever was passed.
        tx = np.where(x > 0, tx, 0.0)

        counts, count_code = _codes(x)
        ages, age_code = _codes(t)
        recencies, recency_code = _codes(tx)
        del tx
        pairs, pair_code = _integer_codes(count_code * len(ages) + age_code)
        cells, rows = _integer_codes(pair_code * len(recencies) + recency_code)
        pair, recency_of = np.divmod(cells, max(len(recencies), 1))
        count_of, age_of = np.divmod(pairs[pair], max(len(ages), 1))
        weight = _sums(rows, w, len(cells))
        return cls(
            frequency=counts[count_of],
            recency=recencies[recency_of],
            age=ages[age_of],
            weight=weight,
            rows=rows,
            counts=counts,
            count_of=count_of,
            count_weight=_sums(count_of, weight, len(counts)),
        )

    def scaled(self, unit: float) -> Summary:
        """The same customers with times in multiples of ``unit``."""
        return replace(self, recency=self.recency / unit, age=self.age / unit)

    def thinned(self, size: int) -> Summary:
        """About ``size`` rows spread over all of them, with every frequency's weight kept."""
        used = np.flatnonzero(self.weight)
        keep = np.zeros(len(self.weight), dtype=bool)
        keep[used[:: -(-len(used) // size)]] = True
        keep[used[np.unique(self.count_of[used], return_index=True)[1]]] = True
        count_of = self.count_of[keep]
        kept = _sums(count_of, self.weight[keep], len(self.counts))
        share = np.divide(self.count_weight, kept, out=np.zeros_like(kept), where=kept > 0)
        weight = self.weight[keep] * share[count_of]
        return replace(
            self,
            frequency=self.frequency[keep],
            recency=self.recency[keep],
            age=self.age[keep],
            weight=weight,
            rows=np.empty(0, dtype=np.intp),
            count_of=count_of,
            count_weight=_sums(count_of, weight, len(self.counts)),
        )

    @cached_property
    def count_starts(self) -> Index:
        """The first row of every distinct frequency."""
        return np.searchsorted(self.frequency, self.counts)

    @cached_property
    def by_age(self) -> tuple[Vector, Vector, Vector]:
        """Distinct ages, their weight, and the weighted repeat purchases made by them."""
        ages, code = _codes(self.age)
        customers = _sums(code, self.weight, len(ages))
        purchases = _sums(code, self.weight * self.frequency, len(ages))
        return ages, customers, purchases

    @cached_property
    def age_pairs(self) -> tuple[Index, Index]:
        """One row for every distinct (x, T), and per row the index into them."""
        first = np.ones(len(self.frequency), dtype=bool)
        first[1:] = (np.diff(self.count_of) != 0) | (np.diff(self.age) != 0)
        return np.flatnonzero(first), np.cumsum(first) - 1

    @cached_property
    def recency_pairs(self) -> tuple[Index, Index]:
        """One row for every distinct (x, tx), and per row the index into them."""
        recencies, code = _codes(self.recency)
        pairs, pair_of = _integer_codes(self.count_of * len(recencies) + code)
        some = np.empty(len(pairs), dtype=np.intp)
        some[pair_of] = np.arange(len(pair_of))
        return some, pair_of

    @property
    def total_weight(self) -> float:
        """The number of customers."""
        return float(self.weight.sum())


def _codes(values: NDArray[Number]) -> tuple[NDArray[Number], Index]:
    """The distinct values in order, and the index into them of each, as ``np.unique`` does.

    Hashing and sorting the distinct values only is several times faster where they repeat.
    """
    codes, distinct = pd.factorize(values)
    order = np.argsort(distinct)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return distinct[order], rank[codes]


def _integer_codes(values: Index) -> tuple[Index, Index]:
    """The same for integers from 0, in a table if their range is short, which is faster still."""
    if not len(values) or values.max() >= _TABLE:
        return _codes(values)
    seen = np.zeros(int(values.max()) + 1, dtype=bool)
    seen[values] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[values]


def _sums(codes: Index, weights: Vector | None, size: int) -> Vector:
    return np.bincount(codes, weights=weights, minlength=size).astype(np.float64, copy=False)
