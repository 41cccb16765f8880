"""What a touch adds to the rate of orders, from pairs of touches and orders by the days between.

The rate of a customer's orders is taken as a sum: an own rhythm that moves with the calendar, and
of every touch an effect that is carried over the days after. So the orders that lie ``d`` days from
touches of a kind are, on average, the rhythm of the customers touched, and the effects of these
touches and of all others of the same customers, which lie at known distances. Distances before a
touch and long after it tell the rhythm: every customer is compared with the own days. In a rate
that is a sum each channel's Shapley value is its own term.

The counts are Poisson distributed with a mean that is linear in rhythm, slope and effects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HALF_LIVES = tuple(float(0.5 * 1.25**step) for step in range(16))
EVEN_DAYS = (7, 14, 28)
"""Days over which a campaign's contact may act evenly, besides fading."""
FIRST_DAY = (1.0, 0.75, 0.5, 0.25, 0.0)
"""Of the first day, what fading would give it times this: reactions may take a night."""
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

    half_life: float
    weights: Array
    name: str

    @staticmethod
    def fading(half_life: float, first_day: float, carried: int) -> Kernel:
        """Halved every ``half_life`` days."""
        weights = 0.5 ** (np.arange(carried + 1) / half_life)
        weights[0] *= first_day
        return Kernel(half_life, weights / weights.sum(), f"fading {half_life} {first_day}")

    @staticmethod
    def even(days: int, carried: int) -> Kernel:
        """The same on so many days; half of it has come after half of them."""
        weights = (np.arange(carried + 1) < days).astype(float)
        return Kernel(days / 2, weights / weights.sum(), f"even {days}")


def kernels(is_campaign: bool, carried: int) -> tuple[Kernel, ...]:
    """Shapes to choose from."""
    fading = [Kernel.fading(h, f, carried) for h in HALF_LIVES for f in FIRST_DAY]
    even = [Kernel.even(days, carried) for days in EVEN_DAYS if days <= carried]
    return (*fading, *(even if is_campaign else ()))


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
    """A fitted rate. ``effects``: orders that a touch of each of ``of`` brings; ``groups`` of them
    with each group of customers left out; ``between``: variance between shapes.
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
        """The level of each index kind, and a slope of each kind, as customers come and leave."""
        counts, days = self.counts, self.counts.lags.days
        n, lags = counts.expected.shape
        centred = (days - days.mean()) / np.ptp(days)
        levels = counts.orders.sum(axis=(0, 2)) / np.maximum(counts.expected.sum(axis=1), 1e-9)
        columns = np.zeros((n, lags, n + len(self.of)))
        for number, kind in enumerate(counts.kinds):
            columns[number, :, number] = counts.expected[number]
            slope = n + self.of.index(kind)
            columns[number, :, slope] = counts.expected[number] * levels[number] * centred
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

    def try_each(self, columns: Array, candidates: Array) -> tuple[Array, Array]:
        """Effect and loss of each candidate column beside the others."""
        root = 1 / np.sqrt(self.mean)
        others = np.hstack([self.rhythm, columns]) * root[:, None]
        others = others[:, (others != 0).any(axis=0)]
        basis = np.linalg.qr(others / np.sqrt((others**2).sum(axis=0)))[0]
        y, x = self.observed * root, candidates * root[:, None]
        y, x = y - basis @ (basis.T @ y), x - basis @ (basis.T @ x)
        size = np.maximum((x**2).sum(axis=0), 1e-12)
        effects = (x.T @ y) / size
        return effects, (y**2).sum() - effects**2 * size


def fit(counts: Counts, sweeps: int = 2) -> Fit:
    """Fit effects, their carry-over and saturation; with errors by leaving groups of customers out.

    Shapes are chosen one kind after another by likelihood. What is told is the mean over shapes,
    each weighted with its likelihood, so that not knowing the shape widens the error.
    """
    design = _Design(counts)
    found = Fit(design.of)
    carried = counts.lags.carried
    choices = {kind: kernels(kind.is_campaign, carried) for kind in design.of}
    for kind in design.of:
        found.shapes[kind] = Kernel.fading(3.0, 1.0, carried)
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

    between = np.zeros(len(design.of))
    means = np.zeros(len(design.of))
    for _ in range(sweeps):
        smooth()
        for number, kind in enumerate(design.of):
            table = np.delete(columns(found.shapes, found.saturation), number, axis=1)
            ratio = found.saturation[kind.channel]
            tried = [design.effect(kind, kernel.weights, ratio) for kernel in choices[kind]]
            effects, loss = design.try_each(table, np.stack(tried, axis=1))
            loss = loss / found.dispersion
            likely = np.exp(-(loss - loss.min()) / 2)
            likely /= likely.sum()
            found.shapes[kind] = choices[kind][int(loss.argmin())]
            means[number] = likely @ effects
            between[number] = likely @ (effects - means[number]) ** 2
        for channel, is_there in has_repeats.items():
            if is_there:
                _saturate(design, found, channel, columns)
    _finish(design, found, columns(found.shapes, found.saturation), means, between)
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


def _finish(design: _Design, found: Fit, table: Array, means: Array, between: Array) -> None:
    """Errors by the jackknife over groups of customers, and what seems to happen before."""
    counts = design.counts
    total = counts.touches.sum(axis=0)
    groups = len(counts.orders)
    left = total - counts.touches
    scale = total / np.where(left > 0, left, 1.0)
    replicates = (counts.orders.sum(axis=0) - counts.orders) * scale[:, :, None]
    responses = np.hstack([design.observed[:, None], replicates.reshape(groups, -1).T])
    first = design.rhythm.shape[1]

    def errors(rows: Array) -> Array:
        spread = rows[:, 1:] - rows[:, 1:].mean(axis=1, keepdims=True)
        return (
            (groups - 1) / groups * (spread @ spread.T)
            if groups > 1
            else np.zeros((len(rows),) * 2)
        )

    solved = design.solve(table, responses)[0][first:]
    found.effects = means
    found.covariance = errors(solved) + np.diag(between)
    lead = np.ones(LEAD_DAYS) / LEAD_DAYS
    leads = np.stack(
        [design.effect(k, lead, found.saturation[k.channel], start=-LEAD_DAYS) for k in design.of],
        axis=1,
    )
    solved = design.solve(np.hstack([table, leads]), responses)[0][first + len(design.of) :]
    found.leads = solved[:, 0]
    found.lead_errors = np.sqrt(np.diag(errors(solved)))
