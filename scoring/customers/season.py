"""The pace of the whole base: seasons, closed weeks and shifts of level, apart from who buys.

Customers come and go and differ in their rates, so that totals by week say little about the pace.
Given a customer's first and last purchase and how many lie between them, those between are spread
over the weeks in proportion to the pace alone, whatever the rate, the dropout and the age of the
customer (the conditional likelihood of a Poisson process with a rate of its own for everybody;
Cameron & Trivedi 2013, ch. 9). What repeats from year to year, what drifts and what is chance is
then told apart by Gaussian process regression (Rasmussen & Williams 2006, ch. 5) of the log pace:
a period of 52 weeks, weeks around moving holidays, a random walk and noise, averaged over a grid
of their spreads by how well each explains the weeks seen. Purchase models run on the clock that
follows: a busy week is a longer one, and the weeks to come have the length expected of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import numpy as np
from dateutil.easter import easter  # type: ignore[import-untyped]
from numpy.typing import NDArray
from scipy import linalg

from scoring.btyd.likelihood import Vector
from scoring.customers.history import Days, PurchaseHistory, day_number

WEEK = 7
YEAR_WEEKS = 52

# Weeks looked back at: seasons of more years ago are those of another shop.
_MOST_WEEKS = 5 * YEAR_WEEKS
# Weeks forecast one by one; later ones are a usual year's.
_AHEAD = YEAR_WEEKS + 1
# Purchases between a customer's first and last in all weeks, below which nothing is told.
_LEAST_PURCHASES = 200
_LEAST_WEEKS = 8
_LEAST_PAIR_DAYS = 28
_LEAST_REGULARITY = 1.1
# Weeks of a quarter, those of its end that are compared, and by how much of the log pace more quiet
# must make them more alike.
_QUARTER, _LATE, _CLEARLY = 13, 8, 0.03
_GOLDEN = (5**0.5 - 1) / 2

# Spreads (standard deviations of the log) that are averaged over, with their prior weights: of the
# weeks of a year, of the weeks around a moving holiday, of a week's step of the level, of chance.
_SEASONS = ((0.0, 0.3), (0.1, 0.2), (0.25, 0.2), (0.5, 0.2), (1.0, 0.1))
_HOLIDAYS = ((0.0, 0.6), (0.2, 0.4))
_STEPS = ((0.0, 0.5), (0.02, 0.3), (0.06, 0.15), (0.12, 0.05))
_NOISES = ((0.03, 0.4), (0.08, 0.4), (0.2, 0.2))
# Weeks over which neighbouring weeks of a year are alike.
_WIDTH = 1.0
_LEAST_PACE = 0.02
# The pace of a week in which nobody bought, where purchases were to be expected.
_SHUT_PACE = 0.1
# What a single customer's amounts may say about a week.
_MOST_LOG_AMOUNT = 3.0
_HOLIDAY_WEEKS = (-2, -1, 0, 1)


@dataclass(frozen=True)
class Clock:
    """Weeks as long as the base is busy in them, for one cut-off.

    ``start`` is the first day of week 0. ``elapsed``, shape (weeks + 1,), is the time that has
    passed at the edges of the weeks, in weeks of usual pace; ``worth``, shape (weeks,), is spend
    per purchase over the usual. Both go on after the cut-off as is expected there; beyond the last
    week the pace is that of the last year. ``given`` is the pace of the days after the cut-off over
    the usual, by how many they are, where somebody knows it.
    """

    cutoff: int
    start: int
    elapsed: Vector
    worth: Vector
    given: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def even(cls, cutoff: int) -> Clock:
        """A clock for which all weeks are alike."""
        return cls(cutoff, cutoff, np.arange(2.0), np.ones(1))

    def at(self, day: Days | float) -> Vector:
        """Time passed at the end of days, in weeks of usual pace; negative before the start."""
        edge = (np.asarray(day, dtype=np.float64) + 1 - self.start) / WEEK
        last = len(self.elapsed) - 1
        year = min(last, YEAR_WEEKS)
        pace = (self.elapsed[-1] - self.elapsed[-1 - year]) / year
        within: Vector = np.interp(edge, np.arange(last + 1), self.elapsed)
        return within + np.minimum(edge, 0.0) + np.maximum(edge - last, 0.0) * pace

    def horizon(self, days: int, after: int | None = None) -> float:
        """The time of the ``days`` after a day, the cut-off by default, in usual weeks."""
        if after is None and days in self.given:
            return self.given[days] * days / WEEK
        begin = self.cutoff if after is None else after
        return float(self.at(begin + days) - self.at(begin))

    def worth_of(self, days: int, after: int | None = None) -> float:
        """Spend per purchase of the ``days`` after a day, the cut-off by default, over the usual.

        Weeks count by their pace.
        """
        begin = self.cutoff if after is None else after
        edges = (np.array([begin, begin + days]) + 1.0 - self.start) / WEEK
        first, end = np.clip(edges, 0, len(self.worth))
        weeks = np.arange(int(first), max(int(np.ceil(end)), int(first) + 1))
        weeks = np.minimum(weeks, len(self.worth) - 1)
        within = np.clip(weeks + 1.0, None, end) - np.clip(weeks, first, None)
        share = np.maximum(within, 1e-9) * np.diff(self.elapsed)[weeks]
        return float(self.worth[weeks] @ share / share.sum())


def clock(history: PurchaseHistory, cutoff: int) -> Clock:
    """The clock of a base, from what was known at the end of the day ``cutoff``."""
    known = history.until(cutoff)
    if not len(known.day):
        return Clock.even(cutoff)
    start = _monday(int(known.day.min()))
    weeks = (cutoff - start) // WEEK + 1
    begin = max(0, weeks - _MOST_WEEKS)
    start, weeks = start + begin * WEEK, weeks - begin
    week = (known.day - start) // WEEK
    pace = _pace(known, week, weeks, _quiet(known, start, weeks))
    if pace is None:
        return Clock.even(cutoff)
    monday = known.real(start + WEEK * np.arange(weeks + _AHEAD))
    log_pace = _smoothed(monday, pace.log, pace.variance)
    usual = float(np.log(np.average(np.exp(log_pace[:weeks]), weights=pace.weight)))
    speed = np.maximum(np.exp(log_pace - usual), _LEAST_PACE)
    worth = np.ones(len(monday))
    amounts = _worth(known, week, weeks)
    if amounts is not None:
        log_worth = _smoothed(monday, amounts.log, amounts.variance)
        worth = np.exp(log_worth - np.average(log_worth[:weeks], weights=amounts.weight))
    return Clock(cutoff, start, np.r_[0.0, np.cumsum(speed)], worth)


@dataclass(frozen=True)
class _Weeks:
    """Log of an index by week with its sampling variance (infinite: not seen), and weights."""

    log: Vector
    variance: Vector
    weight: Vector


def _pace(known: PurchaseHistory, week: Days, weeks: int, quiet: float) -> _Weeks | None:
    """The pace by week from purchases between the weeks of customers' first and last.

    ``quiet``: for how many mean gaps nobody buys again around a purchase, see ``_quiet_gaps``.
    """
    rows = known.customer_of_row
    there = known.has_rows
    first, last = np.zeros(len(known), dtype=np.int64), np.zeros(len(known), dtype=np.int64)
    first[there] = week[known.starts[:-1][there]]
    last[there] = week[known.starts[1:][there] - 1]
    between = (week > np.maximum(first[rows], -1)) & (week < last[rows]) & (week >= 0)
    seen = np.bincount(week[between], minlength=weeks).astype(np.float64)
    if seen.sum() < _LEAST_PURCHASES or weeks < _LEAST_WEEKS:
        return None
    # Customers with the same weeks of first and last purchase count together.
    count = np.bincount(rows[between], minlength=len(known))
    begin, end = first + 1, last
    if quiet > 0:
        # Who buys like a clock buys nothing right after the first and right before the last
        # purchase. Parts of a week are rounded by customer, evenly up and down.
        length = np.maximum(known.day[known.starts[1:] - 1] - known.first_day, 0) / WEEK
        off = quiet * np.where(there, length, 0.0) / np.maximum(np.diff(known.starts) - 1, 1)
        off = np.floor(off + np.arange(len(known)) * _GOLDEN % 1).astype(np.int64)
        middle = (begin + end) // 2
        begin, end = np.minimum(begin + off, middle), np.maximum(end - off, middle + 1)
    # Who began before the weeks looked at is seen from week 0.
    begin, end = np.maximum(begin, 0), np.clip(end, 0, weeks)
    sums = np.bincount(begin * (weeks + 1) + end, weights=count, minlength=(weeks + 1) ** 2)
    cells = np.flatnonzero(sums)
    begin, end, total = cells // (weeks + 1), cells % (weeks + 1), sums[cells]
    pace = np.ones(weeks)
    exposure = np.zeros(weeks)
    for _ in range(200):
        passed = np.r_[0.0, np.cumsum(pace)]
        rate = total / np.maximum(passed[end] - passed[begin], 1e-9)
        steps = np.bincount(begin, weights=rate, minlength=weeks + 1) - np.bincount(
            end, weights=rate, minlength=weeks + 1
        )
        exposure = np.maximum(np.cumsum(steps)[:weeks], 0.0)
        # As if half a purchase had been seen, and expected, in every week.
        found = (seen + 0.5) / (exposure + 0.5)
        found *= (exposure * pace).sum() / np.maximum((exposure * found).sum(), 1e-9)
        moved = float(np.abs(found - pace).max())
        pace = found
        if moved < 1e-5:
            break
    # A week without a purchase where many were expected is a shut one, not an unknown one.
    pace = np.maximum(pace, _SHUT_PACE)
    variance = np.where(exposure > 0.5, 1 / (np.maximum(seen, _SHUT_PACE * exposure) + 0.5), np.inf)
    return _Weeks(np.log(pace), variance, seen)


def _quiet(known: PurchaseHistory, start: int, weeks: int) -> float:
    """How much of ``_quiet_gaps`` there is, by what the last weeks of earlier times look like now.

    Gaps look regular for other reasons as well. Weeks that were the last ones a quarter and half
    a year ago are in the middle now, where quiet times do not matter; as much is believed as makes
    them look then as they do now.
    """
    most = _quiet_gaps(known)
    if not most or weeks < 4 * _QUARTER:
        return 0.0
    week = (known.day - start) // WEEK
    now = _pace(known, week, weeks, 0.0)
    best, least = 0.0, np.inf
    for quiet in (0.0, most / 2, most):
        apart = []
        for back in (_QUARTER, 2 * _QUARTER):
            then = known.until(start + WEEK * (weeks - back) - 1)
            found = _pace(then, (then.day - start) // WEEK, weeks - back, quiet)
            if now is None or found is None:
                return 0.0
            seen = np.isfinite(found.variance) & np.isfinite(now.variance[: weeks - back])
            off = np.where(seen, found.log - now.log[: weeks - back], 0.0)
            late = np.arange(weeks - back) >= weeks - back - _LATE
            if (seen & late).any() and (seen & ~late).any():
                apart.append(off[seen & late].mean() - off[seen & ~late].mean())
        if apart and abs(float(np.mean(apart))) < least - _CLEARLY:
            best, least = quiet, abs(float(np.mean(apart)))
    return best


def _quiet_gaps(known: PurchaseHistory) -> float:
    """For how many mean gaps around a purchase another one is missing: (1 - 1 / k) / 2.

    A renewal process with gaps of coefficient of variation c has (1 - c^2) / 2 events fewer after
    an event than at any time (Cox 1962, Renewal Theory, ch. 4); with Erlang-k gaps c^2 = 1 / k.
    The k is that of Wheat & Morrison (1990), from the shares of two successive gaps in their sum.
    """
    gap = np.diff(known.day).astype(np.float64)
    customer = known.customer_of_row
    pairs = customer[2:] == customer[:-2]
    # Among gaps of a few days whole days make everybody look regular.
    pairs &= gap[:-1] + gap[1:] >= _LEAST_PAIR_DAYS
    one, two = gap[:-1][pairs], gap[1:][pairs]
    if len(one) < _LEAST_PURCHASES:
        return 0.0
    spread = float(np.var(one / (one + two)))
    regularity = (1 - 4 * spread) / (8 * spread) if spread > 0 else np.inf
    return (1 - 1 / regularity) / 2 if regularity > _LEAST_REGULARITY else 0.0


def _worth(known: PurchaseHistory, week: Days, weeks: int) -> _Weeks | None:
    """Spend per purchase by week, against the usual of the customers who bought in it."""
    rows = known.customer_of_row
    count = np.diff(known.starts)
    usable = (known.amount > 0) & (count[rows] > 1)
    if not known.has_amounts or usable.sum() < _LEAST_PURCHASES:
        return None
    rows, week, log = rows[usable], week[usable], np.log(known.amount[usable])
    count = np.bincount(rows, minlength=len(known))
    mean = np.bincount(rows, weights=log, minlength=len(known)) / np.maximum(count, 1)
    index = np.zeros(weeks)
    error = np.clip(log - mean[rows], -_MOST_LOG_AMOUNT, _MOST_LOG_AMOUNT)
    within = week >= 0
    seen = np.bincount(week[within], minlength=weeks).astype(np.float64)
    if seen.sum() < _LEAST_PURCHASES:
        return None
    # A customer's usual is that of weeks that were dear or cheap themselves.
    for _ in range(20):
        about = np.where(within, index[np.maximum(week, 0)], 0.0)
        own = np.bincount(rows, weights=error - about, minlength=len(known)) / np.maximum(count, 1)
        rest = error - own[rows]
        found = np.bincount(week[within], weights=rest[within], minlength=weeks) / np.maximum(
            seen, 1
        )
        found -= np.average(found, weights=seen)
        moved = float(np.abs(found - index).max())
        index = found
        if moved < 1e-5:
            break
    about = np.where(within, index[np.maximum(week, 0)], 0.0)
    left = error - about
    spread = float(np.sum(left**2)) / max(len(left) - int((count > 0).sum()), 1)
    variance = np.where(seen > 0, np.maximum(spread, 1e-6) / np.maximum(seen, 1), np.inf)
    return _Weeks(index, variance, seen)


def _smoothed(monday: Days, log: Vector, variance: Vector) -> Vector:
    """A log index by week, of weeks seen and to come; ``monday`` has the first day of all of them.

    ``log`` and its sampling ``variance`` (infinite: not seen) are of the first weeks.
    """
    seen = np.flatnonzero(np.isfinite(variance))
    level = float(np.average(log[seen], weights=1 / (variance[seen] + 0.01)))
    y, chance = log[seen] - level, variance[seen]
    year, holidays, step = _alike(monday)
    means, evidence = [], []
    at = np.ix_(seen, seen)
    for (season, p1), (holiday, p2), (walk, p3), (noise, p4) in product(
        _SEASONS, _HOLIDAYS, _STEPS, _NOISES
    ):
        lasting = season**2 * year + holiday**2 * holidays + walk**2 * step + 1.0
        own = lasting[at] + np.diag(chance + noise**2)
        factor = linalg.cho_factor(own, lower=True, check_finite=False)
        weight = linalg.cho_solve(factor, y, check_finite=False)
        score = -0.5 * float(y @ weight) - float(np.log(np.diag(factor[0])).sum())
        evidence.append(score + float(np.log(p1 * p2 * p3 * p4)))
        mean = lasting[:, seen] @ weight
        # Chance of a week that was seen did pass, however little it says of others.
        mean[seen] += noise**2 * weight
        means.append(mean)
    share = np.exp(np.array(evidence) - max(evidence))
    share /= share.sum()
    smoothed: Vector = level + share @ np.array(means)
    return smoothed


def _alike(monday: Days) -> tuple[NDArray[np.float64], ...]:
    """How alike weeks are: by the week of the year, around moving holidays, by the level."""
    apart = np.abs(np.subtract.outer(monday, monday)) // WEEK % YEAR_WEEKS
    apart = np.minimum(apart, YEAR_WEEKS - apart)
    year = np.exp(-0.5 * (apart / _WIDTH) ** 2)
    near = _holiday_weeks()
    marks = np.array(
        [[float((int(day), place) in near) for place in _HOLIDAY_WEEKS] for day in monday]
    )
    order = np.arange(len(monday))
    return year, marks @ marks.T, np.minimum.outer(order, order).astype(np.float64)


@lru_cache(maxsize=1)
def _holiday_weeks() -> set[tuple[int, int]]:
    """Mondays of the weeks around Easter, with the place before or after it."""
    found = set()
    for year in range(1980, 2100):
        week = _monday(day_number(easter(year)))
        found |= {(week + WEEK * k, k) for k in _HOLIDAY_WEEKS}
    return found


def _monday(day: int) -> int:
    """The first day of the week of a day number (1970-01-01 was a Thursday)."""
    return day - (day + 3) % WEEK
