"""What a customer's shopping is like, with as much belief in it as there is evidence.

Each feature of a customer is seen over a few orders or many. Its spread over the customers is a
part that is theirs and a part of chance that falls with the number of orders n: (x - mean)² is on
average own + chance / n. Both parts follow from a regression of it on 1 / n, and each customer's
value is moved to the mean by what is chance (empirical Bayes, normal). So a customer with few
orders is like everybody, not extreme. Unlike the formula of a binomial share, this knows that lines
of one basket are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import nnls

Vector = npt.NDArray[np.float64]

# Values beyond these quantiles of the base count as these.
_TAILS = (0.01, 0.99)
# For the spread nearly all count: the tails are those with few orders, who tell what chance is.
_SPREAD_TAILS = (0.001, 0.999)
# A feature that is known of fewer of the customers is not used.
LEAST_KNOWN = 0.5
# A feature in which less of the spread of usual customers is their own tells nobody apart. Once in
# use, or not, it stays so until it is that clear.
LEAST_OWN = 0.1
_STAYS, _COMES = 0.05, 0.2


@dataclass(frozen=True)
class Feature:
    """A feature: ``part`` over ``whole`` columns, and the space in which it is compared."""

    name: str
    part: str
    whole: str
    space: str
    """``log`` of a mean, ``share`` (arcsine of the root), ``rate`` (root), or ``breadth``."""


FEATURES = (
    Feature("item_value", "net_revenue", "basket_lines", "log"),
    Feature("basket_size", "basket_lines", "order_count", "log"),
    Feature("breadth", "category_count", "categorised_lines", "breadth"),
    Feature("discount_share", "discounted_lines", "priced_lines", "share"),
    Feature("private_label_share", "private_label_lines", "branded_lines", "share"),
    Feature("fresh_share", "fresh_lines", "department_lines", "share"),
    Feature("weekend_share", "weekend_orders", "order_count", "share"),
    Feature("evening_share", "evening_orders", "timed_orders", "share"),
    Feature("online_share", "online_orders", "channel_orders", "share"),
    Feature("service_contacts", "service_contacts", "order_count", "rate"),
)
NAMES = tuple(feature.name for feature in FEATURES)

_INTO: Mapping[str, Callable[[Vector], Vector]] = {
    "log": lambda x: x,
    "breadth": lambda x: x,
    "share": lambda x: np.arcsin(np.sqrt(np.clip(x, 0, 1))),
    "rate": lambda x: np.sqrt(np.maximum(x, 0)),
}
_SHOWN: Mapping[str, Callable[[Vector], Vector]] = {
    "log": np.exp,
    "breadth": np.exp,
    "share": lambda x: np.clip(x, 0, 1),
    "rate": lambda x: np.maximum(x, 0),
}


@dataclass(frozen=True)
class Base:
    """What a feature is like in the base: mean, its own spread and that of one order."""

    mean: float
    own: float
    chance: float
    usual_orders: float

    @property
    def own_share(self) -> float:
        """What part of the spread of customers with the usual number of orders is their own."""
        return self.own / (self.own + self.chance / self.usual_orders) if self.own > 0 else 0.0

    def shrunk(self, values: Vector, orders: Vector) -> Vector:
        """Values moved to the mean, the further the fewer orders they rest on."""
        with np.errstate(divide="ignore", invalid="ignore"):
            belief = np.where(orders > 0, self.own / (self.own + self.chance / orders), 0.0)
        found = self.mean + np.nan_to_num(belief) * (np.nan_to_num(values) - self.mean)
        return np.asarray(found, np.float64)


def spread(values: Vector, orders: Vector) -> Base:
    """The base of values, each seen over so many orders."""
    low, high = np.quantile(values, _SPREAD_TAILS)
    values = np.clip(values, low, high)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return Base(float(values.mean()), 0.0, 0.0, float(np.median(orders)))
    weights = orders / (orders + 5.0)
    own = chance = 0.0
    mean = float(np.average(values, weights=weights))
    for _ in range(3):
        squares = (values - mean) ** 2
        root = np.sqrt(weights)
        design = np.column_stack([root, root / orders])
        (own, chance), _ = nnls(design.T @ design, design.T @ (root * squares))
        noise = own + chance / orders
        if not noise.max() > 0:
            break
        # The spread of a square grows with its mean; that of a value with its root.
        weights = 1 / np.maximum(noise, noise.max() * 1e-6) ** 2
        mean = float(np.average(values, weights=np.sqrt(weights)))
        weights = weights / weights.max()
    return Base(mean, float(own), float(chance), float(np.median(orders)))


@dataclass(frozen=True)
class Shopping:
    """Features as the base of one time has them, to be read off customers of that or any time."""

    bases: Mapping[str, Base | None]
    breadth: Vector
    centre: Vector
    scale: Vector
    bounds: tuple[Vector, Vector]
    used: tuple[str, ...]
    dropped: Mapping[str, str]
    """Why a feature tells nothing: unknown or alike."""

    @classmethod
    def of(cls, customers: pd.DataFrame, last: Collection[str] | None = None) -> Shopping:
        """What the features are like among these customers, of whom there is at least one.

        ``last`` are the features that were in use in the last run, if there was one.
        """
        expected = _expected_breadth(customers)
        bases: dict[str, Base | None] = {}
        dropped: dict[str, str] = {}
        for feature in FEATURES:
            values, orders = _raw(feature, customers, expected)
            seen = orders > 0
            base = spread(values[seen], orders[seen]) if seen.any() else None
            bases[feature.name] = base
            if base is None or seen.mean() < LEAST_KNOWN:
                dropped[feature.name] = "unknown"
            elif base.own_share < _least_own(feature.name, last):
                dropped[feature.name] = "alike"
        used = tuple(name for name in NAMES if name not in dropped)
        empty = np.zeros(0)
        found = cls(bases, expected, empty, empty, (empty, empty), used, dropped)
        values = found.compared(customers)
        low, high = (np.quantile(values, q, axis=0) for q in _TAILS)
        values = np.clip(values, low, high)
        scale = values.std(axis=0)
        return cls(
            bases,
            expected,
            values.mean(axis=0),
            np.where(scale > 0, scale, 1.0),
            (low, high),
            used,
            dropped,
        )

    def compared(self, customers: pd.DataFrame) -> Vector:
        """The used features as they are compared, one column each, tails included."""
        columns = [
            _INTO[feature.space](self._shrunk(feature, customers))
            for feature in FEATURES
            if feature.name in self.used
        ]
        return np.column_stack(columns) if columns else np.zeros((len(customers), 0))

    def scaled(self, customers: pd.DataFrame) -> Vector:
        """The used features without tails, in standard deviations from the base's mean."""
        values = np.clip(self.compared(customers), *self.bounds)
        return np.asarray((values - self.centre) / self.scale, np.float64)

    def shown(self, customers: pd.DataFrame) -> dict[str, Vector]:
        """All features in units that people read; NaN where the base does not know one."""
        found = {}
        for feature in FEATURES:
            if self.bases[feature.name] is None:
                found[feature.name] = np.full(len(customers), np.nan)
            else:
                found[feature.name] = _SHOWN[feature.space](self._shrunk(feature, customers))
        return found

    def _shrunk(self, feature: Feature, customers: pd.DataFrame) -> Vector:
        base = self.bases[feature.name]
        assert base is not None
        return base.shrunk(*_raw(feature, customers, self.breadth))


def _least_own(feature: str, last: Collection[str] | None) -> float:
    if last is None:
        return LEAST_OWN
    return _STAYS if feature in last else _COMES


def _raw(feature: Feature, customers: pd.DataFrame, breadth: Vector) -> tuple[Vector, Vector]:
    """A feature of each customer, and the orders that it rests on: none where it is not known."""
    part, whole = _numbers(customers[feature.part]), _numbers(customers[feature.whole])
    orders = _numbers(customers["order_count"])
    with np.errstate(divide="ignore", invalid="ignore"):
        if feature.space == "breadth":
            values = np.log(part) - np.polyval(breadth, np.log(whole))
        elif feature.space == "log":
            values = np.log(part / whole)
        else:
            values = part / whole
    known = np.isfinite(values)
    return np.where(known, values, 0.0), np.where(known, orders, 0.0)


def _expected_breadth(customers: pd.DataFrame) -> Vector:
    """Coefficients of the log of categories to expect of the log of lines, a parabola."""
    lines = _numbers(customers["categorised_lines"])
    categories = _numbers(customers["category_count"])
    seen = (lines > 0) & (categories > 0)
    if np.unique(lines[seen]).size <= 3:
        return np.zeros(3)
    return np.asarray(np.polyfit(np.log(lines[seen]), np.log(categories[seen]), 2), np.float64)


def _numbers(column: Any) -> Vector:
    found: Vector = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
    return found
