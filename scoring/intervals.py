"""Intervals around forecast amounts, as wide as past forecasts were wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector
from scoring.champion import PastForecast

COVERAGE = 0.80
_BINS = 10
_LEAST_PER_BIN = 30


class ConformalInterval:
    """Split-conformal intervals on the root scale, by up to ten ranges of the forecast.

    Errors root(actual) - root(forecast) of past windows, which the forecasts had not seen, are
    sorted within ranges of the forecast; their outer tenths on either side are left out. Between
    the middles of the ranges the bounds are interpolated. Coverage over customers like those of
    the past windows is at least ``coverage`` (Vovk et al. 2005; Mondrian by forecast), counts
    with many equal values are covered more often.

    A range holds as much of the customers and of the total forecast, half and half: among many
    one-time buyers the few who are expected to buy would otherwise share a tenth, and errors, with
    those who are not.
    """

    def __init__(
        self,
        past: Sequence[PastForecast],
        candidate: str,
        coverage: float = COVERAGE,
        stretch: float = 1.0,
    ) -> None:
        """From past windows; ``stretch`` widens errors that come from a shorter horizon."""
        usable = [w for w in past if candidate in w.forecasts and len(w.actual)]
        self.rows = sum(len(w.actual) for w in usable)
        if not usable:
            return
        forecast = np.sqrt(np.concatenate([w.forecasts[candidate] for w in usable]) * stretch)
        actual = np.sqrt(np.concatenate([w.actual for w in usable]) * stretch)
        order = np.argsort(forecast, kind="stable")
        parts = _ranges(forecast, order)
        tail = (1 - coverage) / 2
        self._at = np.array([forecast[part].mean() for part in parts])
        bounds = []
        for part in parts:
            error = np.sort(actual[part] - forecast[part])
            low = int(np.floor(tail * (len(part) + 1)))
            low_error, high_error = (
                error[max(low - 1, 0)],
                error[min(len(part) - low, len(part) - 1)],
            )
            bounds.append((low_error, float(np.median(error)), high_error))
        self._low, self._middle, self._high = np.array(bounds).T

    def bounds(self, forecast: Vector) -> tuple[Vector, Vector]:
        """Lower and upper bounds, shape of ``forecast``; NaN without past windows."""
        if not self.rows:
            missing = np.full(len(forecast), np.nan)
            return missing, missing
        low, high = self._shifted(forecast, self._low), self._shifted(forecast, self._high)
        return np.minimum(low, forecast), np.maximum(high, forecast)

    def median(self, forecast: Vector) -> Vector:
        """The middle of what may happen, where ``forecast`` is its mean; NaN without windows."""
        if not self.rows:
            return np.full(len(forecast), np.nan)
        return self._shifted(forecast, self._middle)

    def _shifted(self, forecast: Vector, errors: Vector) -> Vector:
        root = np.sqrt(forecast)
        return np.maximum(root + np.interp(root, self._at, errors), 0.0) ** 2


def _ranges(forecast: Vector, order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Positions in ``order`` (ascending forecasts) by range, each with enough rows for a tenth."""
    rows = len(order)
    bins = max(1, min(_BINS, rows // _LEAST_PER_BIN))
    mass = np.cumsum(forecast[order] ** 2)
    share = mass / mass[-1] if mass[-1] > 0 else np.arange(1, rows + 1) / rows
    place = (share + np.arange(1, rows + 1) / rows) / 2
    ends: list[int] = []
    last = 0
    for end in np.searchsorted(place, np.arange(1, bins) / bins):
        if end - last >= _LEAST_PER_BIN and rows - end >= _LEAST_PER_BIN:
            last = int(end)
            ends.append(last)
    return np.split(order, ends)


def coverage(actual: Vector, low: Vector, high: Vector) -> float | None:
    """The share of actual amounts within their bounds; None without any bounds."""
    known = np.isfinite(low) & np.isfinite(high)
    if not known.any():
        return None
    # Roots squared again miss whole numbers by a last digit.
    slack = 1e-9 * (1 + np.abs(actual[known]))
    inside = (actual[known] >= low[known] - slack) & (actual[known] <= high[known] + slack)
    return float(inside.mean())
