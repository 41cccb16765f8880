"""What a touch adds to the rate of orders, from pairs of touches and orders by the days between.

The rate of a customer's orders is taken as a sum: an own rhythm that moves with the calendar, and
of every touch an effect that is carried over the days after. So the orders that lie ``d`` days from
touches of a kind are, on average, the rhythm of the customers touched, and the effects of these
touches and of all others of the same customers, which lie at known distances. Distances before a
touch and long after it tell the rhythm: every customer is compared with the own days. In a rate
that is a sum each channel's Shapley value is its own term.

The counts are Poisson distributed with a mean that is linear in rhythm, slopes, bend and effects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FADING_DAYS = tuple(float(0.25 * 1.15**step) for step in range(31))
"""Days in which what comes after the first day is halved."""
EVEN_DAYS = (7, 14, 28)
"""Days over which a campaign's contact may act evenly, besides fading."""
SATURATIONS = (1.0, 0.75, 0.5, 0.25, 0.0)
"""What a repeated touch brings over a first one."""
SIGNIFICANT = 6.63
"""Gain in deviance (scaled) from which repeated touches are taken to differ."""
LEAD_DAYS = 7
"""Days before a touch in which nothing may happen yet."""


@dataclass(frozen=True)
class Lags:
    """Distances that are looked at: from ``before`` days before to ``after`` days after."""

    before: int
    carried: int
    after: int

    @property
    def days(self) -> NDArray[np.int64]:
        """All distances, in order."""
        return np.arange(-self.before, self.carried + self.after + 1)


@dataclass(frozen=True)
class Kernel:
    """How an effect is spread over the days after a touch; sums to one."""

    weights: Array

    @staticmethod
    def fading(days: float, first_day: float, carried: int) -> Kernel:
        """A share of ``first_day`` on the first day; the others halved every so many ``days``."""
        weights = 0.5 ** (np.arange(carried + 1) / days)
        weights[0] = 0.0
        weights *= (1 - first_day) / weights.sum()
        weights[0] = first_day
        return Kernel(weights)

    @staticmethod
    def even(days: int, carried: int) -> Kernel:
        """The same on so many days."""
        weights = (np.arange(carried + 1) < days).astype(float)
        return Kernel(weights / weights.sum())

    @property
    def half_life(self) -> float:
        """Days after a touch within which half of it has come."""
        come = np.concatenate([[0.0], np.cumsum(self.weights)])
        return float(np.interp(0.5, come, np.arange(len(come))))


@dataclass(frozen=True)
class Tried:
    """Shapes beside the effects of other kinds, and how each fits one or more responses.

    ``effects``, ``losses``, ``first``: (shapes, responses); of an effect ``first`` is what comes
    on the first day, null where the shape itself says it.
    """

    shapes: Sequence[Kernel | float]
    effects: Array
    first: Array
    losses: Array

    def best(self, carried: int) -> Kernel:
        """The likeliest shape of the first response."""
        number = int(self.losses[:, 0].argmin())
        shape, effect = self.shapes[number], float(self.effects[number, 0])
        if isinstance(shape, Kernel):
            return shape
        return Kernel.fading(shape, float(self.first[number, 0]) / effect if effect else 0, carried)

    def mean(self, dispersion: float) -> Array:
        """Effects by response, each shape weighted with its likelihood."""
        likely = np.exp(-(self.losses - self.losses.min(axis=0)) / (2 * dispersion))
        return np.asarray((likely * self.effects).sum(axis=0) / likely.sum(axis=0))


@dataclass(frozen=True)
class Kind:
    """A kind of touch: of a channel, by a campaign or not."""

    channel: str
    is_campaign: bool


@dataclass(frozen=True)
class Counts:
    """What was counted, by index kind (first and repeated touches apart) and distance.

    ``orders``: (groups, index kinds, distances). ``touches``: (groups, index kinds). ``expected``:
    (index kinds, distances), orders if each had one a day, as the calendar moves them. ``pairs``:
    (index kinds, others, distances from ``first_pair`` on), other touches of the same customers,
    and ``shifted``: of those the sum of the part of a day beyond. ``kinds`` and ``repeats`` say
    what the index kinds are.
    """

    kinds: Sequence[Kind]
    repeats: NDArray[np.bool_]
    orders: Array
    touches: Array
    expected: Array
    pairs: Array
    shifted: Array
    first_pair: int
    lags: Lags

    def spread(self, kernel: Array, start: int = 0) -> Array:
        """Orders at each distance from index touches if every other touch brought one.

        ``kernel`` says on which days from ``start`` on. Shape: (index kinds, others, distances).
        """
        days = self.lags.days
        between = self.first_pair + np.arange(self.pairs.shape[2])
        # A touch a part of a day beyond is, of a whole day's orders, for that part a day nearer.
        at = days[None, :] - between[:, None]

        def value(lag: NDArray[np.int64]) -> Array:
            inside = (lag >= start) & (lag < start + len(kernel))
            return np.where(inside, kernel[np.clip(lag - start, 0, len(kernel) - 1)], 0.0)

        found = (self.pairs - self.shifted) @ value(at) + self.shifted @ value(at - 1)
        own = value(days)
        total = self.touches.sum(axis=0)
        for number in range(len(self.kinds)):
            found[number, number] += total[number] * own
        return np.asarray(found)


@dataclass
class Fit:
    """A fitted rate. ``effects``: orders that a touch of each of ``of`` brings; ``leads``: what
    seems to come before it.
    """

    of: list[Kind]
    shapes: dict[Kind, Kernel] = field(default_factory=dict)
    saturation: dict[str, float] = field(default_factory=dict)
    effects: Array = field(default_factory=lambda: np.zeros(0))
    covariance: Array = field(default_factory=lambda: np.zeros((0, 0)))
    leads: Array = field(default_factory=lambda: np.zeros(0))
    lead_errors: Array = field(default_factory=lambda: np.zeros(0))
    dispersion: float = 1.0


class _Design:
    """Columns of the linear mean, and solutions by weighted least squares with Poisson weights."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.of = sorted(set(counts.kinds), key=lambda k: (k.channel, k.is_campaign))
        self.observed = counts.orders.sum(axis=0).ravel()
        self.rhythm = self._rhythm()
        self.mean = np.maximum(self.observed, 1.0)
        self.cache: dict[tuple[bytes, int], Array] = {}

    def _rhythm(self) -> Array:
        """The level of each index kind, a slope of each kind, and a bend that all share.

        Customers come and leave, and right after the first order, from which they are followed,
        they buy less than usual: over the days around a touch their rhythm is no straight line.
        """
        counts, days = self.counts, self.counts.lags.days
        n, lags = counts.expected.shape
        centred = (days - days.mean()) / np.ptp(days)
        levels = counts.orders.sum(axis=(0, 2)) / np.maximum(counts.expected.sum(axis=1), 1e-9)
        columns = np.zeros((n, lags, n + len(self.of) + 1))
        for number, kind in enumerate(counts.kinds):
            columns[number, :, number] = counts.expected[number]
            slope = n + self.of.index(kind)
            usual = counts.expected[number] * levels[number]
            columns[number, :, slope] = usual * centred
            columns[number, :, -1] = usual * centred**2
        return columns.reshape(n * lags, -1)

    def effect(self, kind: Kind, kernel: Array, saturation: float, start: int = 0) -> Array:
        """The column of a kind's effect."""
        key = (kernel.tobytes(), start)
        if key not in self.cache:
            self.cache[key] = self.counts.spread(kernel, start)
        spread = self.cache[key]
        found = np.zeros(spread.shape[::2])
        for number, (other, repeat) in enumerate(
            zip(self.counts.kinds, self.counts.repeats, strict=True)
        ):
            if other == kind:
                found += spread[:, number, :] * (saturation if repeat else 1.0)
        return found.ravel()

    def solve(self, columns: Array, responses: Array | None = None) -> tuple[Array, Array]:
        """Coefficients of the mean, for one or more responses, and the fitted mean of the first."""
        design = np.hstack([self.rhythm, columns])
        y = self.observed[:, None] if responses is None else responses
        scale = np.sqrt((design**2).sum(axis=0))
        scale[scale == 0] = 1.0
        design = design / scale
        weighted = design / self.mean[:, None]
        gram = weighted.T @ design
        found = np.linalg.lstsq(gram, weighted.T @ y, rcond=1e-12)[0]
        return found / scale[:, None], design @ found[:, 0]

    def loss(self, columns: Array) -> float:
        """Squared residuals over the mean, which is twice the likelihood that is lacking."""
        _, fitted = self.solve(columns)
        return float(((self.observed - fitted) ** 2 / self.mean).sum())

    def try_shapes(
        self, kind: Kind, saturation: float, others: Array, responses: Array, carried: int
    ) -> Tried:
        """Every shape beside the columns of other kinds.

        Of each fading the first day is free, for some buy at once, others not before they have
        slept over it, and neither says how fast it fades.
        """
        even = [Kernel.even(d, carried) for d in EVEN_DAYS if d <= carried and kind.is_campaign]
        single = [Kernel.fading(1.0, 1.0, carried)]
        single += [Kernel.fading(days, 0.0, carried) for days in FADING_DAYS]
        columns = [self.effect(kind, shape.weights, saturation) for shape in (*single, *even)]
        y, x = self._beside(others, responses, np.stack(columns, axis=1))
        size = np.maximum((x**2).sum(axis=0), 1e-12)[:, None]
        alone = (x.T @ y) / size
        gains = alone**2 * size
        n = len(single)
        # Two columns together: what each takes of the other.
        shared = (x[:, 0] @ x[:, 1:n])[:, None]
        left = np.maximum(size[0] * size[1:n] - shared**2, 1e-12)
        first = size[1:n] * (size[0] * alone[0] - shared * alone[1:n]) / left
        later = size[0] * (size[1:n] * alone[1:n] - shared * alone[0]) / left
        gain = first * size[0] * alone[0] + later * size[1:n] * alone[1:n]
        # Of opposite signs they are no shape: all comes on the first day, or nothing.
        at_once = gains[0] > gains[1:n]
        is_none = first * later < 0
        first = np.where(is_none, np.where(at_once, alone[0], 0.0), first)
        later = np.where(is_none, np.where(at_once, 0.0, alone[1:n]), later)
        gain = np.where(is_none, np.maximum(gains[0], gains[1:n]), gain)
        return Tried(
            [*FADING_DAYS, *even],
            np.concatenate([first + later, alone[n:]]),
            np.concatenate([first, np.full_like(alone[n:], np.nan)]),
            (y**2).sum(axis=0) - np.concatenate([gain, gains[n:]]),
        )

    def _beside(self, others: Array, responses: Array, columns: Array) -> tuple[Array, Array]:
        """What the rhythm and others leave of responses and columns, with their weights."""
        root = 1 / np.sqrt(self.mean)[:, None]
        taken = np.hstack([self.rhythm, others]) * root
        taken = taken[:, (taken != 0).any(axis=0)]
        basis = np.linalg.qr(taken / np.sqrt((taken**2).sum(axis=0)))[0]
        y, x = responses * root, columns * root
        return y - basis @ (basis.T @ y), x - basis @ (basis.T @ x)


def fit(counts: Counts, sweeps: int = 2) -> Fit:
    """Fit effects, their carry-over and saturation; with errors by leaving groups of customers out.

    Shapes are chosen one kind after another by likelihood. What is told is the mean over shapes,
    each weighted with its likelihood; without a group of customers the weights are others, so that
    the error holds that the shape is not known.
    """
    design = _Design(counts)
    found = Fit(design.of)
    carried = counts.lags.carried
    for kind in design.of:
        found.shapes[kind] = Kernel.fading(3.0, 0.2, carried)
        found.saturation[kind.channel] = 1.0
    has_repeats = {
        channel: any(
            repeat and kind.channel == channel
            for kind, repeat in zip(counts.kinds, counts.repeats, strict=True)
        )
        for channel in found.saturation
    }

    def columns(shapes: Mapping[Kind, Kernel], saturation: Mapping[str, float]) -> Array:
        return np.stack(
            [design.effect(k, shapes[k].weights, saturation[k.channel]) for k in design.of], axis=1
        )

    def smooth() -> None:
        _, fitted = design.solve(columns(found.shapes, found.saturation))
        design.mean = np.maximum(fitted, 0.5)
        freedom = len(fitted) - design.rhythm.shape[1] - len(design.of)
        residual = ((design.observed - fitted) ** 2 / design.mean).sum()
        found.dispersion = max(1.0, float(residual / max(freedom, 1)))

    def tried(number: int, responses: Array) -> Tried:
        others = np.delete(columns(found.shapes, found.saturation), number, axis=1)
        kind = design.of[number]
        ratio = found.saturation[kind.channel]
        return design.try_shapes(kind, ratio, others, responses, carried)

    for _ in range(sweeps):
        smooth()
        for number, kind in enumerate(design.of):
            found.shapes[kind] = tried(number, design.observed[:, None]).best(carried)
        for channel, is_there in has_repeats.items():
            if is_there:
                _saturate(design, found, channel, columns)
    responses = _without_each_group(design)
    means = np.stack([tried(n, responses).mean(found.dispersion) for n in range(len(design.of))])
    found.effects = means[:, 0]
    found.covariance = _jackknife(means)
    _look_before(design, found, columns(found.shapes, found.saturation), responses)
    return found


def _saturate(
    design: _Design,
    found: Fit,
    channel: str,
    columns: Callable[[Mapping[Kind, Kernel], Mapping[str, float]], Array],
) -> None:
    losses = {
        ratio: design.loss(columns(found.shapes, found.saturation | {channel: ratio}))
        / found.dispersion
        for ratio in SATURATIONS
    }
    best = min(losses, key=lambda ratio: losses[ratio])
    found.saturation[channel] = best if losses[1.0] - losses[best] > SIGNIFICANT else 1.0


def _without_each_group(design: _Design) -> Array:
    """The counts, and those without each group of customers, as if of as many touches."""
    counts = design.counts
    total = counts.touches.sum(axis=0)
    left = total - counts.touches
    scale = total / np.where(left > 0, left, 1.0)
    replicates = (counts.orders.sum(axis=0) - counts.orders) * scale[:, :, None]
    return np.hstack([design.observed[:, None], replicates.reshape(len(counts.orders), -1).T])


def _jackknife(found: Array) -> Array:
    """Covariance of figures (rows), from those without each group (columns after the first)."""
    groups = found.shape[1] - 1
    if groups < 2:
        return np.zeros((len(found),) * 2)
    spread = found[:, 1:] - found[:, 1:].mean(axis=1, keepdims=True)
    return np.asarray((groups - 1) / groups * (spread @ spread.T))


def _look_before(design: _Design, found: Fit, table: Array, responses: Array) -> None:
    """What seems to happen before a touch, beside the effects."""
    lead = np.ones(LEAD_DAYS) / LEAD_DAYS
    leads = np.stack(
        [design.effect(k, lead, found.saturation[k.channel], start=-LEAD_DAYS) for k in design.of],
        axis=1,
    )
    first = design.rhythm.shape[1] + len(design.of)
    solved = design.solve(np.hstack([table, leads]), responses)[0][first:]
    found.leads = solved[:, 0]
    found.lead_errors = np.sqrt(np.diag(_jackknife(solved)))
