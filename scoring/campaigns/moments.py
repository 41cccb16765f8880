"""Effects from sums of outcomes: a difference of random groups, and of groups made alike in cells.

Sums of an outcome and of what it was before say all that these estimators need, so that a database
can add up any number of customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from scipy.stats import t as student


@dataclass(frozen=True)
class Moments:
    """Customers of a group, and sums of an outcome ``y`` and a covariate from before it ``x``."""

    customers: float
    y: float
    yy: float
    x: float
    xx: float
    xy: float

    def __add__(self, other: Moments) -> Moments:
        """The moments of both groups together."""
        return Moments(
            self.customers + other.customers,
            self.y + other.y,
            self.yy + other.yy,
            self.x + other.x,
            self.xx + other.xx,
            self.xy + other.xy,
        )

    @property
    def mean(self) -> float:
        """Mean of the outcome."""
        return self.y / self.customers

    @property
    def mean_before(self) -> float:
        """Mean of the covariate."""
        return self.x / self.customers

    @property
    def deviations(self) -> tuple[float, float, float]:
        """Sums of squares about the means of y and x, and of their product."""
        n = self.customers
        return (
            max(0.0, self.yy - self.y**2 / n),
            max(0.0, self.xx - self.x**2 / n),
            self.xy - self.x * self.y / n,
        )


def total(parts: Sequence[Moments]) -> Moments:
    """The moments of groups together."""
    return reduce(lambda left, right: left + right, parts)


@dataclass(frozen=True)
class Effect:
    """An effect per customer, its standard error, and the degrees of freedom of that."""

    estimate: float
    error: float
    freedom: float = np.inf

    def interval(self, confidence: float) -> tuple[float, float]:
        """Ends of the interval of a confidence."""
        half = float(student.ppf((1 + confidence) / 2, self.freedom)) * self.error
        return self.estimate - half, self.estimate + half

    @property
    def p_value(self) -> float:
        """Probability of an estimate as far from zero where there is no effect."""
        return float(2 * student.sf(abs(self.estimate) / self.error, self.freedom))


def randomised(treated: Moments, control: Moments) -> Effect | None:
    """Difference of means of two random groups, less what their difference before explains (CUPED).

    Without a covariate that varies it is the plain difference, with the variances of both groups
    (Welch). None: a group of one, or an outcome without variation.
    """
    if treated.customers < 2 or control.customers < 2:
        return None
    of_treated, of_control = treated.deviations, control.deviations
    spread = of_treated[1] + of_control[1]
    slope = (of_treated[2] + of_control[2]) / spread if spread > 1e-12 else 0.0
    estimate = treated.mean - control.mean
    if slope:
        estimate -= slope * (treated.mean_before - control.mean_before)
    parts = []
    for group, (yy, xx, xy) in ((treated, of_treated), (control, of_control)):
        residual = max(0.0, yy - 2 * slope * xy + slope**2 * xx)
        parts.append((residual / (group.customers - 1) / group.customers, group.customers - 1))
    variance = sum(part for part, _ in parts)
    if variance <= 1e-18:
        return None
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    return Effect(estimate, float(np.sqrt(variance)), freedom)


def matched(treated: Sequence[Moments], control: Sequence[Moments]) -> Effect | None:
    """Change of the chosen less that of others in the same cells, weighted by the chosen.

    A change is one in proportion to what was before (``x``): seasons are, and those who are chosen
    because they buy more would otherwise seem to gain or lose by each. Cells that lack one of the
    two groups are left out. None: no cell has two of each.
    """
    pairs = [
        (chosen, other)
        for chosen, other in zip(treated, control, strict=True)
        if chosen.customers >= 2 and other.customers >= 2
    ]
    if not pairs:
        return None
    customers = sum(chosen.customers for chosen, _ in pairs)
    weights = [chosen.customers / customers for chosen, _ in pairs]
    before = sum(w * chosen.mean_before for w, (chosen, _) in zip(weights, pairs, strict=True))
    others_before = sum(w * other.mean_before for w, (_, other) in zip(weights, pairs, strict=True))
    others_after = sum(w * other.mean for w, (_, other) in zip(weights, pairs, strict=True))
    is_ratio = before > 0 and others_before > 0
    season = others_after / others_before if is_ratio else 1.0
    # How far the others' error in the season reaches into what is expected of the chosen.
    reach = before / others_before if is_ratio else 1.0
    estimate, variance = 0.0, 0.0
    for weight, (chosen, other) in zip(weights, pairs, strict=True):
        estimate += weight * (_change(chosen, season) - _change(other, season))
        variance += weight**2 * (
            _change_variance(chosen, season) + reach**2 * _change_variance(other, season)
        )
    if variance <= 1e-18:
        return None
    return Effect(float(estimate), float(np.sqrt(variance)))


def _change(group: Moments, season: float) -> float:
    return group.mean - season * group.mean_before


def _change_variance(group: Moments, season: float) -> float:
    yy, xx, xy = group.deviations
    spread = max(0.0, yy - 2 * season * xy + season**2 * xx)
    return spread / (group.customers - 1) / group.customers


def breakdown(effect: Effect, placebo: float, confidence: float) -> float | None:
    """How many times what the placebo found a bias may be before the interval holds zero.

    Zero: it holds zero as it is. None: the placebo found nothing at all.
    """
    low, high = effect.interval(confidence)
    nearest = max(low, -high, 0.0)
    return None if placebo == 0 else nearest / abs(placebo)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values of a family of tests, so that with all of them no more is found by chance than with
    one (Holm)."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(p_values))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return [float(value) for value in adjusted]
