"""From the panel of prices and units to elasticities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.price.choice import Array, Choices, Fit
from scoring.price.panel import PLACEMENTS, Panel, panel_of
from scoring.price.shrink import shrink
from scoring.price.tables import ELASTICITIES

INPUT = "int_price_panel"
CONFIDENCE = 0.95
PRICE, REGULAR, PROMOTION = "price", "regular_price", "promotion"
PRICES = (PRICE, REGULAR, PROMOTION)
OF_PLACEMENTS = tuple(name.removesuffix("_share") for name in PLACEMENTS)
DIGITS = 4
"""Decimals of what is told."""

# An effect that an error of this size still leaves open is not worth a number.
_LARGEST_ERROR = 100.0


@dataclass(frozen=True)
class PriceSettings:
    """``as_of_date``: the first day not observed."""

    as_of_date: date


@dataclass(frozen=True)
class PriceResult:
    """The table, with the columns and types that ``tables`` declares."""

    elasticities: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {ELASTICITIES.name: self.elasticities}

    def told(self) -> str:
        """How many elasticities could be told."""
        prices = self.elasticities[self.elasticities["measure"] == PRICE]
        return f"{prices['estimate'].notna().sum():,} of {len(prices):,} price elasticities told"


@dataclass(frozen=True)
class _Told:
    """What one item's own sales say of one measure."""

    level: str
    category: str
    item: str
    measure: str
    stores: int
    weeks: int
    observations: int
    estimate: float = np.nan
    error: float = np.nan
    freedom: float = np.nan
    share: float = 0.0
    reason: str | None = None


def study(rows: pd.DataFrame, settings: PriceSettings) -> PriceResult:
    """Elasticities of all categories and of the products in the panel.

    Args:
        rows: the table ``int_price_panel``; may be empty.
        settings: see ``PriceSettings``.

    Returns:
        A row for each level, category, item and measure, with a reason where nothing is told.

    Raises:
        ValueError: a column is missing, units are negative or a price is not positive.
    """
    _refuse(rows)
    # Sums of floats depend on the order of the rows, which a database does not keep.
    rows = rows.sort_values(["level", "category", "item", "store_id", "week_start_date"])
    with threadpool_limits(limits=1):
        told = [
            found
            for (level, category), part in rows.groupby(["level", "category"], observed=True)
            for found in _told(str(level), str(category), part)
        ]
    return PriceResult(ELASTICITIES.from_records(list(_records(told, settings.as_of_date))))


def _refuse(rows: pd.DataFrame) -> None:
    needed = (
        *("level", "category", "item", "store_id", "week_start_date", "units", "category_units"),
        *("price", "regular_price", *PLACEMENTS),
    )
    if missing := [name for name in needed if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    for column, wrong in (
        ("units", ~(rows["units"] >= 0)),
        ("price", ~(rows["price"] > 0)),
        ("regular_price", rows["regular_price"] <= 0),
    ):
        count = int(wrong.fillna(True).sum()) if column != "regular_price" else int(wrong.sum())
        if count:
            raise ValueError(f"{INPUT}: {column} is out of range in {count} of {len(rows)} rows")


@dataclass(frozen=True)
class _Part:
    """A category on one level: its panel, and why nothing can be told of it, if so."""

    level: str
    category: str
    panel: Panel
    choices: Choices

    @property
    def reason(self) -> str | None:
        """Why nothing can be compared."""
        if self.panel.shape[2] > 1:
            return None
        return "one_store" if self.level == "category" else "one_product"

    @property
    def clusters(self) -> tuple[int, int]:
        """The axes of stores and of weeks, along which errors are clustered."""
        return (2, 1) if self.level == "category" else (0, 1)

    def fit(self, measures: tuple[str, ...]) -> Fit | None:
        """The slopes of some measures and of the placements."""
        return None if self.reason else self._of(measures).fit(self.clusters)

    def _of(self, measures: tuple[str, ...]) -> Choices:
        is_whole = measures == (PRICE,)
        return self.choices if is_whole else _choices(self.panel, self.level, measures)

    def counted(self, item: str, is_open: NDArray[np.bool_]) -> _Told:
        """What an estimate of the item rests on."""
        stores, weeks = (
            int(is_open.any(axis=tuple({0, 1, 2} - {axis})).sum()) for axis in self.clusters
        )
        return _Told(self.level, self.category, item, PRICE, stores, weeks, int(is_open.sum()))

    def items(self) -> list[_Told]:
        """The items of the panel."""
        is_open = self.choices.open
        if self.level == "category":
            return [self.counted(self.category, is_open)]
        return [
            self.counted(item, is_open[:, :, k : k + 1]) for k, item in enumerate(self.panel.items)
        ]


def _told(level: str, category: str, rows: pd.DataFrame) -> Iterator[_Told]:
    panel = panel_of(rows, across_stores=level == "category")
    part = _Part(level, category, panel, _choices(panel, level, (PRICE,)))
    parts = (REGULAR, PROMOTION)
    measures: tuple[str, ...] = (PRICE,)
    fit = part.fit(measures)
    yield from _of_prices(part, measures, fit)
    if panel.knows_regular_prices:
        measures, fit = parts, part.fit(parts)
        yield from _of_prices(part, measures, fit)
    else:
        is_known = bool(np.isfinite(panel.regular_price).all())
        why = part.reason or ("no_reductions" if is_known else "no_regular_price")
        for item in part.items():
            yield from (replace(item, measure=measure, reason=why) for measure in parts)
    yield from _of_placements(part, len(measures), fit)


def _choices(panel: Panel, level: str, measures: tuple[str, ...]) -> Choices:
    if measures == (PRICE,):
        columns = panel.price[:, None]
    else:
        columns = np.column_stack([panel.regular_price, panel.price - panel.regular_price])
    # Centred: a slope is one of change, and numbers near zero are exact.
    columns = columns - columns.mean(axis=0)
    available = panel.block(np.ones(len(panel.units))) > 0
    prices, placements = panel.block(columns), panel.block(panel.placements)
    if level == "category":
        none = np.zeros((*panel.shape, 0))
        common = np.concatenate([prices, placements], axis=3)
        return Choices(panel.block(panel.units), available, none, common)
    return Choices(panel.block(panel.units), available, prices, placements)


def _of_prices(part: _Part, measures: tuple[str, ...], fit: Fit | None) -> Iterator[_Told]:
    studied = part.panel.part_of_category
    for number, item in enumerate(part.items()):
        is_product = fit is not None and part.level == "product"
        share = float(fit.shares[number]) * studied if fit is not None and is_product else 0.0
        for column, measure in enumerate(measures):
            at = replace(item, measure=measure, share=share, reason=part.reason)
            yield _with(at, fit, number * len(measures) + column)


def _of_placements(part: _Part, columns: int, fit: Fit | None) -> Iterator[_Told]:
    """Display, mailer and the week after, which all items of the category share."""
    first = columns * (1 if part.level == "category" else len(part.panel.items))
    at = replace(part.counted(part.category, part.choices.open), reason=part.reason)
    for number, measure in enumerate(OF_PLACEMENTS):
        yield _with(replace(at, measure=measure), fit, first + number)


def _with(at: _Told, fit: Fit | None, column: int) -> _Told:
    """The slope of a column with its error, or why there is none."""
    if fit is None:
        return at
    variances = np.array([covariance[column, column] for covariance in fit.covariances])
    usable = np.isfinite(variances) & (variances > 0)
    chosen = int(np.argmax(np.where(usable, variances, -1.0)))
    error = float(np.sqrt(np.where(usable, variances, np.nan)[chosen]))
    for is_so, reason in (
        (not fit.choices, "no_choices"),
        (np.isnan(fit.slopes[column]), "no_variation"),
        (not fit.converged, "not_converged"),
        (not usable.any(), "one_cluster"),
        (error > _LARGEST_ERROR, "no_variation"),
    ):
        if is_so:
            return replace(at, reason=reason)
    freedom = fit.clusters[chosen] - 1.0
    return replace(at, estimate=float(fit.slopes[column]), error=error, freedom=freedom)


def _records(told: list[_Told], as_of_date: date) -> Iterator[Mapping[str, Any]]:
    by_measure: dict[tuple[str, str], list[_Told]] = {}
    for found in told:
        by_measure.setdefault((found.level, found.measure), []).append(found)
    # Categories first: what a product's price does to its category is part of what it does to it.
    of_categories: dict[str, tuple[float, float]] = {}
    for (level, measure), items in sorted(by_measure.items()):
        known = [item for item in items if np.isfinite(item.estimate)]
        shrunk = shrink(
            np.array([item.estimate for item in known], dtype=np.float64),
            np.array([item.error for item in known], dtype=np.float64),
            _groups(known, level),
        )
        for number, item in enumerate(known):
            estimate = float(shrunk.estimate[number])
            error = float(shrunk.standard_error[number])
            if (level, measure) == ("category", PRICE):
                of_categories[item.category] = (estimate, error)
            own, own_error = item.estimate, item.error
            if level == "product" and measure in PRICES:
                category = of_categories.get(item.category, (0.0, 0.0))
                estimate, error = _total(estimate, error, item.share, category)
                own, own_error = _total(own, own_error, item.share, category)
            half = float(student.ppf((1 + CONFIDENCE) / 2, item.freedom)) * error
            yield _record(
                item,
                as_of_date,
                own_estimate=own,
                own_standard_error=own_error,
                estimate=estimate,
                standard_error=error,
                interval_low=estimate - half,
                interval_high=estimate + half,
                own_weight=float(shrunk.own_weight[number]),
            )
        for item in items:
            if not np.isfinite(item.estimate):
                yield _record(item, as_of_date)


def _total(
    slope: float, error: float, share: float, category: tuple[float, float]
) -> tuple[float, float]:
    """The elasticity of a product's units in its price, prices of others unchanged, and its error.

    A slope of choice is that of the odds: who had chosen the product already cannot be won. And a
    share of the category's index is the product's own.
    """
    estimate = slope * (1 - share) + category[0] * share
    return estimate, float(np.hypot(error * (1 - share), category[1] * share))


def _groups(items: list[_Told], level: str) -> NDArray[np.int64]:
    """Like are the products of a category, and all categories."""
    if level == "category" or not items or items[0].measure not in PRICES:
        return np.zeros(len(items), dtype=np.int64)
    codes, _ = pd.factorize(np.array([item.category for item in items], dtype=object), sort=True)
    return codes.astype(np.int64)


def _record(item: _Told, as_of_date: date, **values: float) -> Mapping[str, Any]:
    names = (
        *("own_estimate", "own_standard_error", "estimate", "standard_error"),
        *("interval_low", "interval_high", "own_weight"),
    )
    return {
        "as_of_date": as_of_date,
        "level": item.level,
        "category": item.category,
        "item": item.item,
        "measure": item.measure,
        # What a mean of prices leaves behind the tenth digit is not told, nor compared.
        **{name: round(values[name], DIGITS) if name in values else None for name in names},
        "stores": item.stores,
        "weeks": item.weeks,
        "observations": item.observations,
        "reason": item.reason,
    }


__all__ = ["Array", "PriceResult", "PriceSettings", "study"]
