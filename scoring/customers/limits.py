"""What a forecast can never be: ceilings and floors of everything that is published.

Every figure comes from a champion of its own, so that they could contradict each other and what is
possible. Here they are made one story, customer by customer; ``expectations.studies`` checks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from scoring.btyd.likelihood import Vector
from scoring.customers.features import VALUE_FACTOR, VALUE_QUANTILES
from scoring.customers.history import PurchaseHistory
from scoring.customers.timing import SHARES, Wait

# Below so many customers with a repeat purchase nothing is learned about coming back: a rate and a
# dropout, each with its spread, are four figures.
LEAST_REPEAT_CUSTOMERS = 30


# Expected purchases at which the value of one may be half as far from the usual as it ever may: of
# hardly any purchase the quotient of two forecasts says nothing.
HALF_RANGE = 0.05


class PurchaseValues(NamedTuple):
    """What a purchase of each customer can be expected to bring, each of shape (customers,)."""

    low: Vector
    usual: Vector
    high: Vector


def purchase_values(history: PurchaseHistory) -> PurchaseValues:
    """The least, the usual and the most that a purchase of each customer can be expected to bring.

    From the smaller of the customer's own least day and the base's 5% quantile of days, halved, to
    the larger of the customer's own best day and the base's 95% quantile, doubled. Usual is the
    mean of the customer's days and of one at the mean of the base, within that.
    """
    if not len(history.day):
        nothing = np.zeros(len(history))
        return PurchaseValues(nothing, nothing, nothing)
    low, high = np.quantile(history.amount, VALUE_QUANTILES)
    mean = float(history.amount.mean())
    lows, highs = np.full(len(history), low), np.full(len(history), high)
    usual = np.full(len(history), mean)
    there = history.has_rows
    starts = history.starts[:-1][there]
    lows[there] = np.minimum(np.minimum.reduceat(history.amount, starts), low)
    highs[there] = np.maximum(np.maximum.reduceat(history.amount, starts), high)
    days = np.diff(history.starts)[there]
    usual[there] = (np.add.reduceat(history.amount, starts) + mean) / (days + 1)
    lows, highs = lows / VALUE_FACTOR, highs * VALUE_FACTOR
    return PurchaseValues(lows, np.clip(usual, lows, highs), highs)


def never_falling(by_horizon: dict[int, Vector], reference: int) -> None:
    """What happens within a time happens within a longer one; the ``reference`` stays."""
    days = sorted(by_horizon)
    at = days.index(reference)
    for shorter, longer in zip(reversed(days[:at]), reversed(days[1 : at + 1]), strict=True):
        by_horizon[shorter] = np.minimum(by_horizon[shorter], by_horizon[longer])
    for shorter, longer in zip(days[at:-1], days[at + 1 :], strict=True):
        by_horizon[longer] = np.maximum(by_horizon[longer], by_horizon[shorter])


def reconcile(
    purchases: dict[int, Vector],
    spend: dict[int, Vector],
    bought: Mapping[int, Vector],
    values: PurchaseValues,
    *,
    reference: int = 90,
) -> None:
    """Purchases and spend by horizon that can be true together; both are changed in place.

    ``bought`` is the probability of a purchase by horizon, never falling. Purchases never fall with
    the horizon, are at most its days and at least the probability of one; spend over purchases is
    within the customer's range, which is the narrower about the usual value the less is bought.
    """
    never_falling(purchases, reference)
    never_falling(spend, reference)
    for days, expected in purchases.items():
        within = [p for horizon, p in bought.items() if horizon <= days]
        count = np.minimum(np.maximum.reduce([expected, *within]), days)
        purchases[days] = count
        wide = count / (count + HALF_RANGE)
        low, high = (
            values.usual + wide * (end - values.usual) for end in (values.low, values.high)
        )
        # Both ends grow with the horizon, and so does what is between them.
        spend[days] = np.clip(spend[days], count * low, count * high)


def agreed(
    values: dict[str, Vector], value_low: Vector, value_high: Vector, days: int
) -> dict[str, Vector]:
    """Forecasts of one horizon, by task, that can be true together; see ``reconcile``."""
    found = dict(values)
    if "purchases" in found:
        bought = 1 - found["churn"] if "churn" in found else 0.0
        found["purchases"] = np.minimum(np.maximum(found["purchases"], bought), days)
        if "spend" in found:
            count = found["purchases"]
            found["spend"] = np.clip(found["spend"], count * value_low, count * value_high)
    return found


def ends_that_agree(
    bounds: Mapping[int, tuple[Vector, Vector]], most: Mapping[int, Vector | float]
) -> dict[int, tuple[Vector, Vector]]:
    """Interval ends by horizon that never fall with it and are at most ``most``.

    Ends that are not known stay so.
    """
    agreed = {}
    low: Vector | float = 0.0
    high: Vector | float = 0.0
    for days in sorted(bounds):
        low, high = np.fmax(bounds[days][0], low), np.fmax(bounds[days][1], high)
        unknown = np.isnan(bounds[days][0])
        agreed[days] = (
            np.where(unknown, np.nan, low),
            np.where(unknown, np.nan, np.minimum(high, most[days])),
        )
    return agreed


def wait_that_agrees(wait: Wait, none: Mapping[int, Vector]) -> Wait:
    """The wait for the next purchase, in step with the probabilities of ``none`` by horizon.

    A tenth, a half and nine tenths of what may happen lie between the horizons at which the
    probabilities reach them; there the day is that of the wait, or, where it has none, the one at
    which silence that ends at an even rate does. Infinite beyond the longest horizon.
    """
    found: list[Vector] = []
    for share, days in zip(SHARES, wait, strict=True):
        level = 1 - share
        after, by = np.zeros(len(days)), np.full(len(days), np.inf)
        silent_after, silent_by = np.ones(len(days)), np.ones(len(days))
        for horizon in sorted(none):
            reached = (none[horizon] <= level) & np.isinf(by)
            by = np.where(reached, horizon, by)
            silent_by = np.where(reached, none[horizon], silent_by)
            later = np.isinf(by)
            after = np.where(later, horizon, after)
            silent_after = np.where(later, none[horizon], silent_after)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.log(silent_after / level) / np.log(silent_after / silent_by)
            even = after + (by - after) * np.clip(np.nan_to_num(part, nan=1.0), 0.0, 1.0)
        day = np.where(np.isfinite(days), days, even)
        day = np.where(np.isinf(by), np.inf, np.clip(np.rint(day), after + 1, by))
        found.append(np.maximum(day, found[-1]) if found else day)
    return Wait(*found)
