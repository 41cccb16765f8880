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
    with threadpool_limits(limits=1):
        told = [
            found
            for (level, category), part in rows.groupby(["level", "category"], observed=True)
            for found in _told(str(level), str(category), part)
        ]
    return PriceResult(ELASTICITIES.from_records(list(_records(told, settings.as_of_date))))


def _refuse(rows: pd.DataFrame) -> None:
    needed = ("level", "category", "item", "store_id", "week_start_date", "units", "price")
    needed = (*needed, "category_units")
    if missing := [name for name in (*needed, "regular_price", *PLACEMENTS) if name not in rows]:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    for column, wrong in (
        ("units", ~(rows["units"] >= 0)),
        ("price", ~(rows["price"] > 0)),
        ("regular_price", rows["regular_price"] <= 0),
    ):
        count = int(wrong.fillna(True).sum()) if column != "regular_price" else int(wrong.sum())
        if count:
            raise ValueError(f"{INPUT}: {column} is out of range in {count} of {len(rows)} rows")


def _told(level: str, category: str, rows: pd.DataFrame) -> Iterator[_Told]:
    panel = panel_of(rows, across_stores=level == "category")
    choices = _choices(panel, level, (PRICE,))
    # Along which axes errors are clustered: by store, and by week.
    clusters = (2, 1) if level == "category" else (0, 1)
    if level == "category":
        few = panel.shape[2] < 2
        reason = "one_store" if few else None
    else:
        few = panel.shape[2] < 2
        reason = "one_product" if few else None
    fits: list[tuple[tuple[str, ...], Fit | None]] = []
    fits.append(((PRICE,), None if few else choices.fit(clusters)))
    parts = (REGULAR, PROMOTION)
    if panel.knows_regular_prices:
        fits.append((parts, None if few else _choices(panel, level, parts).fit(clusters)))
    for measures, fit in fits:
        yield from _of_prices(level, category, panel, choices, measures, fit, reason)
    if not panel.knows_regular_prices:
        for measure in parts:
            why = reason or "no_reductions" if np.isfinite(panel.regular_price).all() else "no_regular_price"
            for place in _places(level, category, panel, choices):
                yield replace(place, measure=measure, reason=reason or why)
    yield from _of_placements(level, category, choices, len(measures), fits[-1][1], reason)


def _choices(panel: Panel, level: str, measures: tuple[str, ...]) -> Choices:
    if measures == (PRICE,):
        columns = panel.price[:, None]
    else:
        columns = np.column_stack([panel.regular_price, panel.price - panel.regular_price])
    # Centred: a slope is one of change, and numbers near zero are exact.
    columns = np.where(np.isfinite(columns), columns - columns.mean(axis=0), 0.0)
    available = panel.block(np.ones(len(panel.units))) > 0
    prices, placements = panel.block(columns), panel.block(panel.placements)
    if level == "category":
        return Choices(
            panel.block(panel.units),
            available,
            np.zeros((*panel.shape, 0)),
            np.concatenate([prices, placements], axis=3),
        )
    return Choices(panel.block(panel.units), available, prices, placements)


def _places(level: str, category: str, panel: Panel, choices: Choices) -> Iterator[_Told]:
    """The items of the panel, with what an estimate of each rests on."""
    if level == "category":
        is_open = choices.open[0]
        yield _Told(
            level,
            category,
            category,
            PRICE,
            int(is_open.any(axis=0).sum()),
            int(is_open.any(axis=1).sum()),
            int(is_open.sum()),
        )
        return
    for k, item in enumerate(panel.items):
        mine = choices.open[:, :, k]
        yield _Told(
            level,
            category,
            item,
            PRICE,
            int(mine.any(axis=1).sum()),
            int(mine.any(axis=0).sum()),
            int(mine.sum()),
        )


def _of_prices(
    level: str,
    category: str,
    panel: Panel,
    choices: Choices,
    measures: tuple[str, ...],
    fit: Fit | None,
    reason: str | None,
) -> Iterator[_Told]:
    part = panel.part_of_category
    for number, place in enumerate(_places(level, category, panel, choices)):
        share = 0.0 if fit is None or level == "category" else float(fit.shares[number]) * part
        for column, measure in enumerate(measures):
            at = replace(place, measure=measure, share=share)
            yield _with(at, fit, number * len(measures) + column, reason)


def _of_placements(
    level: str, category: str, choices: Choices, columns: int, fit: Fit | None, reason: str | None
) -> Iterator[_Told]:
    """Display, mailer and the week after, which all items of the category share."""
    is_open = choices.open
    stores, weeks = (2, 1) if level == "category" else (0, 1)
    first = columns * (1 if level == "category" else is_open.shape[2])
    for number, measure in enumerate(OF_PLACEMENTS):
        at = _Told(
            level,
            category,
            category,
            measure,
            int(is_open.any(axis=tuple({0, 1, 2} - {stores})).sum()),
            int(is_open.any(axis=tuple({0, 1, 2} - {weeks})).sum()),
            int(is_open.sum()),
        )
        yield _with(at, fit, first + number, reason)


def _with(at: _Told, fit: Fit | None, column: int, reason: str | None) -> _Told:
    """The slope of a column with its error, or why there is none."""
    if fit is None:
        return replace(at, reason=reason)
    if not fit.choices:
        return replace(at, reason="no_choices")
    if np.isnan(fit.slopes[column]):
        return replace(at, reason="no_variation")
    if not fit.converged:
        return replace(at, reason="not_converged")
    variances = np.array([covariance[column, column] for covariance in fit.covariances])
    usable = np.isfinite(variances) & (variances > 0)
    if not usable.any():
        return replace(at, reason="one_cluster")
    chosen = int(np.argmax(np.where(usable, variances, -1.0)))
    error = float(np.sqrt(variances[chosen]))
    if error > _LARGEST_ERROR:
        return replace(at, reason="no_variation")
    slope = float(fit.slopes[column])
    return replace(at, estimate=slope, error=error, freedom=fit.clusters[chosen] - 1.0)


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
        **{name: values.get(name) for name in names},
        "stores": item.stores,
        "weeks": item.weeks,
        "observations": item.observations,
        "reason": item.reason,
    }


__all__ = ["Array", "PriceResult", "PriceSettings", "study"]
