"""Intervals around forecast amounts, as wide as past forecasts were wrong."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from scoring.btyd.likelihood import Vector
from scoring.customers.champion import PastForecast

COVERAGE = 0.80
# The window ahead is less like past ones than those are like themselves.
_LOST_AHEAD = 0.01

_BINS = 10
_LEAST_PER_BIN = 30

# How far totals are off (log) before a past window has spoken, and the most that one is believed.
_LEVEL_ERROR = 0.1
_FARTHEST = float(np.log(2.0))

# The spread of the first guess, and the ends of what is searched.
_SPREAD = 0.5
_SPREADS = (1e-3, 20.0)
_SLOPES = (-1.0, 0.5)
# The variance of one amount, relative to its mean squared.
_VALUE_SPREAD = 0.5
_SMALLEST = 1e-3  # forecasts, in units of the amount, below which all have the same bounds

_MOST_FITTED = 5_000
_POINTS = 60
_TRIES = 25
_CURVE = 1_000
_BEYOND = 4.0  # so many times the largest past forecast; from there bounds grow in proportion
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Amounts:
    """What may happen where a mean is forecast: counts, or amounts of which many are zero.

    Counts are Poisson at rates that differ between customers with the same forecast: negative
    binomial, of variance mean + spread x mean^2; the log of the spread is linear in that of the
    mean. Other amounts are zero as often as such a count of ``unit`` s and gamma above it. Over a
    horizon ``stretch`` times as long rates differ as much and chance weighs less.
    """

    whole: bool
    log_spread: float = float(np.log(_SPREAD))
    slope: float = 0.0
    unit: float = 1.0
    stretch: float = 1.0

    @classmethod
    def fit(cls, actual: Vector, forecast: Vector, *, whole: bool) -> Amounts:
        """By the likelihood of the counts, or of there being any amount."""
        step = max(len(actual) // _MOST_FITTED, 1)
        y, f = actual[::step], forecast[::step]
        some = y[y > 0]
        usual = float(np.log(np.median(some))) if len(some) and not whole else 0.0

        def made(x: Vector) -> Amounts:
            unit = 1.0 if whole else float(np.exp(x[2]))
            return cls(whole, float(x[0]), float(x[1]), unit)

        def surprise(x: Vector) -> float:
            amounts = made(x)
            n = 1 / amounts._spread(f)
            if whole:
                told = special.gammaln(y + n) - special.gammaln(n)
                told = told + n * np.log(n / (n + f)) + y * np.log(f / (n + f))
            else:
                none = np.clip(amounts.none(f), 1e-9, 1 - 1e-9)
                told = np.where(y > 0, np.log1p(-none), np.log(none))
            # A slope has to be shown, by more than a handful of customers.
            return float((x[1] / 2) ** 2 / len(y) - told.mean())

        figures = 2 if whole else 3
        low, high = np.log(_SPREADS)
        found = optimize.minimize(
            surprise,
            np.array([np.log(_SPREAD), 0.0, usual][:figures]),
            method="L-BFGS-B",
            bounds=[(low, high), _SLOPES, (usual - 3, usual + 3)][:figures],
        )
        return made(found.x)

    def none(self, mean: Vector) -> Vector:
        """The probability of nothing."""
        spread = self._spread(mean)
        chance: Vector = (1 + spread * mean / self.unit) ** (-1 / spread)
        return chance

    def below(self, amount: Vector, mean: Vector) -> Vector:
        """The probability of less than an amount."""
        if self.whole:
            return self.at_most(np.rint(amount) - 1, mean)
        return np.where(amount > 0, self.at_most(amount, mean), 0.0)

    def at_most(self, amount: Vector, mean: Vector) -> Vector:
        """The probability of an amount or less."""
        if self.whole:
            n = 1 / self._spread(mean)
            return np.asarray(stats.nbinom.cdf(np.rint(amount), n, n / (n + mean)))
        none, shape, scale = self._positive(mean)
        some: Vector = special.gammainc(shape, np.maximum(amount, 0.0) / scale)
        return none + (1 - none) * some

    def quantile(self, level: Vector | float, mean: Vector) -> Vector:
        """The least amount that is not exceeded with a probability of ``level``."""
        share = np.clip(np.asarray(level, dtype=np.float64), 1e-9, 1 - 1e-9)
        if self.whole:
            n = 1 / self._spread(mean)
            return np.maximum(stats.nbinom.ppf(share, n, n / (n + mean)), 0.0)
        none, shape, scale = self._positive(mean)
        rest = np.clip((share - none) / (1 - none), 0.0, 1.0)
        return np.where(share <= none, 0.0, scale * special.gammaincinv(shape, rest))

    def around(self, low: Vector, mean: Vector, high: Vector) -> tuple[Vector, Vector]:
        """Bounds that hold the mean, and are whole where amounts are."""
        if self.whole:
            return np.minimum(low, np.floor(mean)), np.maximum(high, np.ceil(mean))
        return np.minimum(low, mean), np.maximum(high, mean)

    def _spread(self, mean: Vector) -> Vector:
        at = np.log(np.maximum(mean / self.stretch / self.unit, _SMALLEST))
        spread: Vector = np.exp(np.clip(self.log_spread + self.slope * at, *np.log(_SPREADS)))
        return spread

    def _positive(self, mean: Vector) -> tuple[Vector, Vector, Vector]:
        """The chance of nothing; shape and scale of what there is otherwise."""
        none = self.none(mean)
        some = mean / (1 - none)
        variance = (1 + _VALUE_SPREAD) * self.unit * mean + self._spread(mean) * mean**2
        variance = (variance + mean**2) / (1 - none) - some**2
        return none, some**2 / variance, variance / some


class ConformalInterval:
    """Intervals with the atoms of what they bound, whose levels past windows set.

    Past outcomes, which the forecasts had not seen, are placed within what ``Amounts`` says of
    their forecasts (randomised within atoms, so that places are even where it is right). By up to
    ten ranges of the forecast these places say at which levels the bounds lie: the lower one at a
    tenth, which keeps zero wherever it is likelier than that; the upper one where both together,
    whole for counts and wide enough for the forecast, first hold ``coverage`` (conformal by
    distribution, Chernozhukov et al. 2021). Between the middles of ranges levels are interpolated.
    Where a count has few values, as of the few who are expected to buy once, no whole interval
    holds just 80%, and the next wider one is used.

    A range holds as much of the customers and of the total forecast, half and half: among many
    one-time buyers the few who are expected to buy would otherwise share a tenth with those who
    are not.

    One window that was misjudged as a whole would shift all bounds one way. Each is taken at its
    own level, and then as far off, upwards and downwards, as windows are.
    """

    def __init__(
        self,
        past: Sequence[PastForecast],
        candidate: str,
        coverage: float = COVERAGE,
        stretch: float = 1.0,
        whole: bool = False,
    ) -> None:
        """From past windows, of a horizon that ``stretch`` makes the one forecast.

        ``whole`` for counts.
        """
        usable = [w for w in past if candidate in w.forecasts and len(w.actual)]
        self.rows = sum(len(w.actual) for w in usable)
        if not usable:
            return
        actual, forecast, off = _at_their_level(usable, candidate)
        fitted = Amounts.fit(actual, forecast, whole=whole)
        self._amounts = replace(fitted, stretch=stretch)
        at, levels = [], []
        for part in _ranges(forecast, np.argsort(forecast, kind="stable")):
            y, mean = actual[part], forecast[part]
            # Even within atoms, and the same in every run.
            share = np.arange(1, len(part) + 1) * _GOLDEN % 1
            places = []
            for factor in (np.exp(-off) / np.cosh(off), np.exp(off) / np.cosh(off)):
                below = fitted.below(y, mean * factor)
                places.append(below + share * (fitted.at_most(y, mean * factor) - below))
            points = mean[:: max(len(part) // _POINTS, 1)] * stretch
            at.append(np.log(mean.mean() * stretch))
            found = np.sort(np.concatenate(places))
            levels.append(_levels(self._amounts, found, points, coverage, coverage + _LOST_AHEAD))
        smallest = _SMALLEST * fitted.unit
        largest = max(float(forecast.max()) * stretch, fitted.unit) * _BEYOND
        self._forecast = np.geomspace(smallest, largest, _CURVE)
        # Who is expected to do more has no lower bounds.
        self._low, self._middle, self._high = (
            np.maximum.accumulate(
                self._amounts.quantile(np.interp(np.log(self._forecast), at, end), self._forecast)
            )
            for end in np.array(levels).T
        )

    def bounds(self, forecast: Vector) -> tuple[Vector, Vector]:
        """Lower and upper bounds, shape of ``forecast``; NaN without past windows."""
        if not self.rows:
            missing = np.full(len(forecast), np.nan)
            return missing, missing
        low, high = self._read(self._low, forecast), self._read(self._high, forecast)
        return self._amounts.around(low, forecast, high)

    def median(self, forecast: Vector) -> Vector:
        """The middle of what may happen, where ``forecast`` is its mean; NaN without windows."""
        if not self.rows:
            return np.full(len(forecast), np.nan)
        return self._read(self._middle, forecast)

    def _read(self, curve: Vector, forecast: Vector) -> Vector:
        beyond = np.maximum(forecast / self._forecast[-1], 1.0)
        if not self._amounts.whole:
            return np.interp(forecast, self._forecast, curve) * beyond
        at = np.searchsorted(self._forecast, forecast, side="right") - 1
        return np.rint(curve[np.maximum(at, 0)] * beyond)


def _at_their_level(past: Sequence[PastForecast], candidate: str) -> tuple[Vector, Vector, float]:
    """Outcomes of windows, forecasts at each one's level, and by how much windows are off (log)."""
    level = np.zeros(len(past))
    for position, window in enumerate(past):
        total, expected = float(window.actual.sum()), float(window.forecasts[candidate].sum())
        if total > 0 and expected > 0:
            level[position] = np.clip(np.log(total / expected), -_FARTHEST, _FARTHEST)
    actual = np.concatenate([window.actual for window in past])
    forecast = np.concatenate(
        [w.forecasts[candidate] * np.exp(at) for w, at in zip(past, level, strict=True)]
    )
    # A mean of nothing would be certain.
    least = _SMALLEST * max(float(actual.mean()), 1e-9)
    off = np.sqrt((_LEVEL_ERROR**2 + level @ level) / (1 + len(past)))
    return actual, np.maximum(forecast, least), float(off)


def _levels(
    amounts: Amounts, places: Vector, forecast: Vector, nominal: float, held: float
) -> tuple[float, float, float]:
    """Levels of the lower bound, the median and the upper bound in a range of forecasts.

    ``places`` are those of past outcomes, ascending; ``forecast`` some forecasts of the range, of
    which ``held`` are to be within bounds.
    """
    rank = (np.arange(len(places)) + 0.5) / len(places)

    def level(share: float) -> float:
        return float(np.interp(share, rank, places))

    tail = (1 - nominal) / 2
    lowest = level(tail)
    low = amounts.quantile(lowest, forecast)

    def inside(share: float) -> float:
        least, high = amounts.around(low, forecast, amounts.quantile(level(share), forecast))
        upto = np.interp(amounts.at_most(high, forecast), places, rank, right=1.0)
        return float(
            np.mean(upto - np.interp(amounts.below(least, forecast), places, rank, left=0))
        )

    tries = np.linspace(0.5, 1 - tail / 4, _TRIES)
    # The first of them that holds enough; a higher bound never holds less.
    enough = bisect_left(range(_TRIES - 1), held, key=lambda step: inside(float(tries[step])))
    return lowest, level(0.5), level(float(tries[enough]))


def _ranges(forecast: Vector, order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Positions in ``order`` (ascending forecasts) by range, each with enough rows for a tenth."""
    rows = len(order)
    bins = max(1, min(_BINS, rows // _LEAST_PER_BIN))
    mass = np.cumsum(forecast[order])
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
    # Sums of money miss a bound by a last digit.
    slack = 1e-9 * (1 + np.abs(actual[known]))
    inside = (actual[known] >= low[known] - slack) & (actual[known] <= high[known] + slack)
    return float(inside.mean())
